using Looper.Core.Statistics;

namespace Looper.Core.Causal;

/// <summary>Best linear predictor of the effect from its estimate: y − m on (w−e)·τ̄ and (w−e)(τ̂−τ̄).</summary>
/// <param name="Mean">Coefficient of the first: near 1 when the average effect is right.</param>
/// <param name="Slope">Of the second: above 0 when effects differ as estimated, near 1 when by as much.</param>
/// <param name="SlopeError">Its standard error.</param>
/// <remarks>Chernozhukov, Demirer, Duflo and Fernández-Val 2018 (Econometrica 2025); weights 1/(e(1−e)), HC3 errors. The estimates must not have
/// seen the outcomes.</remarks>
public readonly record struct EffectCalibration(double Mean, double Slope, double SlopeError)
{
    /// <summary>One-sided p-value of "effects differ as estimated"; NaN when undefined.</summary>
    public double P => SlopeError > 0 ? TailProbability.Normal(Slope / SlopeError) : double.NaN;

    /// <summary>Fits the two coefficients.</summary>
    /// <param name="arms">Units.</param>
    /// <param name="nuisances">Their m and e.</param>
    /// <param name="effects">τ̂, one per unit.</param>
    /// <param name="rows">Which units count.</param>
    public static EffectCalibration Of(TwoArms arms, Nuisances nuisances, ReadOnlySpan<double> effects, ReadOnlySpan<int> rows)
    {
        var mean = 0.0;
        foreach (var i in rows) mean += effects[i] / rows.Length;
        // two columns a, b by weighted least squares
        double aa = 0, ab = 0, bb = 0, ay = 0, by = 0;
        var terms = new (double A, double B, double Y, double V)[rows.Length];
        for (var r = 0; r < terms.Length; r++)
        {
            var (i, e) = (rows[r], nuisances.Propensity[rows[r]]);
            var away = (arms.Treated[i] ? 1 : 0) - e;
            var t = terms[r] = (away, away * (effects[i] - mean), arms.Outcomes[i] - nuisances.Pooled[i], 1 / (e * (1 - e)));
            (aa, ab, bb) = (aa + t.V * t.A * t.A, ab + t.V * t.A * t.B, bb + t.V * t.B * t.B);
            (ay, by) = (ay + t.V * t.A * t.Y, by + t.V * t.B * t.Y);
        }
        var det = aa * bb - ab * ab;
        if (rows.Length < 4 || !(det > 1e-12 * aa * bb) || !(bb > 0)) return new(double.NaN, double.NaN, double.NaN);
        double level = (bb * ay - ab * by) / det, slope = (aa * by - ab * ay) / det, meat = 0;
        foreach (var t in terms)
        {
            // row of (X'VX)⁻¹X'V for the slope; h is the leverage
            var influence = t.V * (aa * t.B - ab * t.A) / det;
            var h = t.V * (bb * t.A * t.A - 2 * ab * t.A * t.B + aa * t.B * t.B) / det;
            var residual = (t.Y - level * t.A - slope * t.B) / Math.Max(1e-6, 1 - h);
            meat += influence * influence * residual * residual;
        }
        return new(mean != 0 ? level / mean : double.NaN, slope, Math.Sqrt(meat));
    }
}

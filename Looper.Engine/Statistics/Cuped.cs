namespace Looper.Core.Statistics;

/// <summary>Effects with the part of the outcome that was predictable before exposure taken out: the same estimand, a smaller variance.</summary>
/// <remarks>Deng, Xu, Kohavi and Walker 2013, WSDM; Lin 2013, Annals of Applied Statistics 7:295 for a slope per arm. Covariates must be
/// fixed before exposure. O(k³).</remarks>
public static class Cuped
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "cuped-1";

    /// <summary>Arms at least this unequal take a slope each.</summary>
    public const double UnequalArms = 4;

    /// <summary>An adjusted comparison on both scales.</summary>
    /// <param name="Absolute">Adjusted difference.</param>
    /// <param name="Relative">Adjusted difference over the unadjusted baseline.</param>
    /// <param name="Theta">Slope per covariate used (0 for one that was dropped as redundant).</param>
    /// <param name="VarianceSaved">1 − adjusted variance / plain variance of the difference.</param>
    public sealed record Adjusted(Effect Absolute, Effect Relative, double[] Theta, double VarianceSaved);

    /// <summary>Adjusts with one slope over both arms stacked.</summary>
    /// <param name="control">Per unit: outcome (0), then covariates (1…k).</param>
    /// <param name="treatment">Likewise.</param>
    /// <returns>Undefined (<see cref="Cause.Singular"/>) when no covariate carries information.</returns>
    /// <remarks>θ = S_xx⁻¹S_xy; Δ = (ȳ_b − θᵀx̄_b) − (ȳ_a − θᵀx̄_a); V_adj = s_y² − 2θᵀc_xy + θᵀS_xxθ an arm. The lift keeps the
    /// unadjusted baseline: se² = [V_adj,b/n_b + (R²s_ya² − 2θRc_a + θ²s_xa²)/n_a]/ȳ_a², R = ȳ_b/ȳ_a.</remarks>
    public static Adjusted Between(JointMoments control, JointMoments treatment)
    {
        var theta = Slopes(JointMoments.Merge(control, treatment));
        return Adjust(control, treatment, theta, theta);
    }

    /// <summary>Adjusts with a slope per arm: better when one arm is much smaller than the other.</summary>
    /// <remarks>Lin 2013: x is centred at the pooled mean, so that the difference of the adjusted means is the effect on all units; the
    /// variance of the pooled mean enters through (θ_b − θ_a)ᵀS_xx(θ_b − θ_a)/N.</remarks>
    public static Adjusted PerArm(JointMoments control, JointMoments treatment) =>
        Adjust(control, treatment, Slopes(control), Slopes(treatment));

    private static Adjusted Adjust(JointMoments a, JointMoments b, double[]? thetaA, double[]? thetaB)
    {
        MetricSummary plainA = MetricSummary.OfMean(a.Of(0)), plainB = MetricSummary.OfMean(b.Of(0));
        var why = MetricSummary.Worst(plainA, plainB);
        if (why == Cause.None && (thetaA is null || thetaB is null)) why = Cause.Singular;
        var units = a.Count + b.Count;
        if (why != Cause.None)
            return new(Effect.Undefined(Scale.Absolute, Method, why, units), Effect.Undefined(Scale.Relative, Method, why, units), [], double.NaN);

        int k = a.Width - 1;
        double varianceA = AdjustedVariance(a, thetaA!, 1), varianceB = AdjustedVariance(b, thetaB!, 1);
        double delta = b.Mean(0) - a.Mean(0), extra = 0;
        for (var i = 0; i < k; i++)
        {
            var centre = (a.Count * a.Mean(i + 1) + b.Count * b.Mean(i + 1)) / units;
            delta -= thetaB![i] * (b.Mean(i + 1) - centre) - thetaA![i] * (a.Mean(i + 1) - centre);
            for (var j = 0; j < k; j++)
                extra += (thetaB[i] - thetaA[i]) * (thetaB[j] - thetaA[j]) * (a.Products(i + 1, j + 1) + b.Products(i + 1, j + 1)) / (units - 1) / units;
        }

        MetricSummary controlArm = new(a.Count, 0, varianceA), treatmentArm = new(b.Count, 0, varianceB);
        double square = varianceA / a.Count + varianceB / b.Count + extra, nu = Effect.WelchDegrees(controlArm, treatmentArm);
        if (!(varianceA > 0) || !(varianceB > 0))
        {
            var left = double.IsNaN(varianceA) || double.IsNaN(varianceB) ? Cause.OutOfRange : Cause.ZeroVariance;
            return new(Effect.Undefined(Scale.Absolute, Method, left, units), Effect.Undefined(Scale.Relative, Method, left, units), thetaB!, double.NaN);
        }

        var absolute = new Effect(Scale.Absolute, delta, Math.Sqrt(square), nu, units, Method);
        var saved = 1 - square / (plainA.Variance / a.Count + plainB.Variance / b.Count);
        var baseline = a.Mean(0);
        if (baseline == 0) return new(absolute, Effect.Undefined(Scale.Relative, Method, Cause.BaselineZero, units), thetaB!, saved);
        var ratio = b.Mean(0) / baseline;
        var lift = Math.Sqrt((varianceB / b.Count + AdjustedVariance(a, thetaA!, ratio) / a.Count + extra) / (baseline * baseline));
        return new(absolute, new(Scale.Relative, delta / Math.Abs(baseline), lift, nu, units, Method), thetaB!, saved);
    }

    /// <summary>Variance of r·y − θᵀx in one arm.</summary>
    private static double AdjustedVariance(JointMoments arm, double[] theta, double r)
    {
        var variance = r * r * arm.Covariance(0, 0);
        for (var i = 0; i < theta.Length; i++)
        {
            variance -= 2 * r * theta[i] * arm.Covariance(0, i + 1);
            for (var j = 0; j < theta.Length; j++) variance += theta[i] * theta[j] * arm.Covariance(i + 1, j + 1);
        }

        return variance;
    }

    private static double[]? Slopes(JointMoments moments)
    {
        var k = moments.Width - 1;
        var matrix = new double[k * k];
        var right = new double[k];
        for (var i = 0; i < k; i++)
        {
            right[i] = moments.Products(i + 1, 0);
            for (var j = 0; j < k; j++) matrix[i * k + j] = moments.Products(i + 1, j + 1);
        }

        return LeastSquares.Solve(matrix, right);
    }
}

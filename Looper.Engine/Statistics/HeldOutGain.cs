namespace Looper.Core.Statistics;

/// <summary>A stretch of time in which the same part of the units was held out by lot.</summary>
/// <param name="Decided">Cell of the units decided for.</param>
/// <param name="HeldOut">Cell of the units held out.</param>
public readonly record struct HeldOutStretch(int Decided, int HeldOut);

/// <summary>What deciding has brought over holding out, for the decisions that were made.</summary>
/// <param name="Total">Sum over stretches of decisions × difference of means, in the unit of the values.</param>
/// <param name="PerDecision">The same by decision.</param>
/// <param name="Relative">The same by what these decisions would have brought held out, as a fraction of its size.</param>
/// <param name="RelativeLimits">By Fieller's theorem; undefined where <paramref name="Relative"/> is.</param>
/// <param name="Baseline">Mean value of a decision held out, weighed as the decisions made; NaN without any.</param>
/// <param name="Decisions">Decisions made for units that were not held out.</param>
public readonly record struct HeldOutGain(Effect Total, Effect PerDecision, Effect Relative, Interval RelativeLimits, double Baseline, double Decisions)
{
    /// <summary>Name and version in stored results.</summary>
    public const string Method = "held-out-gain-2";

    /// <summary>The gain over some stretches.</summary>
    /// <param name="sums">Values by cell, less <paramref name="shift"/>.</param>
    /// <param name="stretches">Every one with values in both cells, else all is undefined with <see cref="Cause.EmptyArm"/>.</param>
    /// <param name="shift">What was taken off every value.</param>
    /// <param name="level">Of the limits of the relative gain, in (0, 1).</param>
    /// <remarks>G = Σ_s n_s(R_s − B_s), n_s decisions of the units decided for, R_s and B_s the means by decision of those and of the held-out ones. Given the n_s a unit moves G by
    /// Σ_s (y_s − R_s·m_s) where it is decided for and by −Σ_s (n_s/M_s)(y_s − B_s·m_s) where it is held out, with its own m_s decisions and sum y_s, and M_s decisions held out; se² is the
    /// sum of the squares over units, each group's times n/(n − 1): linearised ratios with units as clusters (Deng, Knoblich and Lu 2018, KDD, section 3.1), over all stretches together, since a unit that
    /// returns is in several. Degrees of freedom by Welch and Satterthwaite with the units of the largest stretch. The relative gain is G/|Σ n_s·B_s|; limits by Fieller 1954 with the
    /// covariance of both. A side of a stretch whose values are all alike, as where nobody held out can have the event, is given the spread of the other side's units: its own is not nothing, it was not seen.
    /// Assumes that whether a unit is held out depends on nothing but a lot within each stretch, and that a unit has as many decisions with a known value as it would have had on the other side. O(stretches · cells²).</remarks>
    public static HeldOutGain Of(CellSums sums, ReadOnlySpan<HeldOutStretch> stretches, double shift, double level)
    {
        double[] gain = new double[2 * sums.Cells], baseline = new double[2 * sums.Cells], decided = new double[2 * sums.Cells], held = new double[2 * sums.Cells];
        double total = 0, decisions = 0, expected = 0, units = 0, heldUnits = 0, lentDecided = 0, lentHeld = 0;
        foreach (var stretch in stretches)
        {
            double n = sums.Count(stretch.Decided), m = sums.Count(stretch.HeldOut);
            if (n == 0 || m == 0) return Undefined(Cause.EmptyArm, decisions);
            double mean = sums.Value(stretch.Decided) / n, without = sums.Value(stretch.HeldOut) / m;
            (total, decisions, expected) = (total + n * (mean - without), decisions + n, expected + n * (without + shift));
            (units, heldUnits) = (Math.Max(units, sums.Units(stretch.Decided)), Math.Max(heldUnits, sums.Units(stretch.HeldOut)));
            var (ofOne, ofOther) = Lent(sums, stretch, mean, without);
            (lentDecided, lentHeld) = (lentDecided + ofOne, lentHeld + (n / m * (n / m) * ofOther));
            Weigh(decided, stretch.Decided, 1, mean);
            Weigh(held, stretch.HeldOut, -n / m, without);
            Weigh(baseline, stretch.HeldOut, n / m, without);
        }

        if (decisions == 0) return Undefined(Cause.EmptyArm, 0);
        if (units < 2 || heldUnits < 2) return Undefined(Cause.TooFewUnits, decisions);
        for (var i = 0; i < gain.Length; i++) gain[i] = decided[i] + held[i];
        double ofDecided = (sums.Form(decided) + lentDecided) / (units - 1), ofHeld = (sums.Form(held) + lentHeld) / (heldUnits - 1); // of one unit more: n/(n − 1)
        var variance = sums.Form(gain) + lentDecided + lentHeld + ofDecided + ofHeld;
        var why = MetricSummary.WhyNot(total, Math.Min(ofDecided, ofHeld));
        if (why != Cause.None) return Undefined(why, decisions) with { Baseline = expected / decisions };
        double v = ofDecided * units, w = ofHeld * heldUnits, degrees = (v + w) * (v + w) / ((v * v / (units - 1)) + (w * w / (heldUnits - 1)));
        var effect = new Effect(Scale.Absolute, total, Math.Sqrt(variance), degrees, units + heldUnits, Method);
        var (relative, limits) = RelativeTo(effect, sums, gain, baseline, lentHeld, expected, heldUnits, level);
        return new(effect, effect with { Value = total / decisions, StandardError = effect.StandardError / decisions }, relative, limits, expected / decisions, decisions);
    }

    // Sums of squares of a side whose values are all alike, had its units spread as those of the other.
    private static (double Decided, double HeldOut) Lent(CellSums sums, HeldOutStretch stretch, double mean, double without)
    {
        double[] one = new double[2 * sums.Cells], other = new double[2 * sums.Cells];
        Weigh(one, stretch.Decided, 1, mean);
        Weigh(other, stretch.HeldOut, 1, without);
        double decided = sums.Form(one), held = sums.Form(other), n = sums.Units(stretch.Decided), m = sums.Units(stretch.HeldOut);
        return (IsNone(decided, sums.Count(stretch.Decided), mean) ? held * n / m : 0, IsNone(held, sums.Count(stretch.HeldOut), without) ? decided * m / n : 0);
    }

    // Nothing but rounding.
    private static bool IsNone(double form, double count, double mean) => form <= 1e-12 * count * mean * mean;

    private static (Effect Relative, Interval Limits) RelativeTo(in Effect gain, CellSums sums, double[] weights, double[] baseline, double lent, double expected, double heldUnits, double level)
    {
        var both = new double[weights.Length];
        for (var i = 0; i < both.Length; i++) both[i] = weights[i] + baseline[i];
        double ofBaseline = sums.Form(baseline), shared = (sums.Form(both) - sums.Form(weights) - ofBaseline) / 2;
        (ofBaseline, shared) = (ofBaseline + lent, shared - lent); // what the baseline's error is, the gain's is the other way
        ofBaseline *= heldUnits / (heldUnits - 1);
        shared *= heldUnits / (heldUnits - 1);
        double g = gain.Value, v = gain.StandardError * gain.StandardError, size = Math.Abs(expected), sign = Math.Sign(expected);
        var c = TailProbability.StudentQuantile((1 + level) / 2, gain.DegreesOfFreedom);
        var why = expected == 0 ? Cause.BaselineZero : size * size <= c * c * ofBaseline ? Cause.UnstableRatio : Cause.None;
        if (why != Cause.None) return (Effect.Undefined(Scale.Relative, Method, why, gain.Units), Interval.Undefined);
        var r = g / size;
        shared *= sign; // of the gain with the size
        var relative = new Effect(Scale.Relative, r, Math.Sqrt(Math.Max(0, v - (2 * r * shared) + (r * r * ofBaseline))) / size, gain.DegreesOfFreedom, gain.Units, Method);
        double p = (g * size) - (c * c * shared), q = (size * size) - (c * c * ofBaseline), s = (g * g) - (c * c * v);
        var root = Math.Sqrt(Math.Max(0, (p * p) - (q * s)));
        return (relative, new((p - root) / q, (p + root) / q));
    }

    private static void Weigh(double[] weights, int cell, double by, double mean) => (weights[2 * cell], weights[(2 * cell) + 1]) = (-by * mean, by);

    private static HeldOutGain Undefined(Cause why, double decisions)
    {
        var nothing = Effect.Undefined(Scale.Absolute, Method, why, 0);
        return new(nothing, nothing, nothing with { Scale = Scale.Relative }, Interval.Undefined, double.NaN, decisions);
    }
}

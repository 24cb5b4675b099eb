namespace Looper.Core.Statistics;

/// <summary>Metrics that divide one total by another (revenue per order), where the unit is not the denominator.</summary>
public static class Ratio
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "ratio-delta-1";

    /// <summary>The arm's ratio of totals and the variance one unit contributes to it.</summary>
    /// <param name="moments">Two values a unit: numerator y (0), denominator d (1).</param>
    /// <returns>R = ȳ/d̄ with V; undefined below two units, at d̄ = 0 (<see cref="Cause.BaselineZero"/>), or when nothing varies.</returns>
    /// <remarks>V = s_y²/d̄² − 2ȳ·c_yd/d̄³ + ȳ²·s_d²/d̄⁴: delta method, Deng, Knoblich and Lu 2018, KDD, section 3.1. Assumes d̄ many
    /// standard errors from zero. O(1).</remarks>
    public static MetricSummary Of(JointMoments moments)
    {
        if (moments.Count == 0) return MetricSummary.Undefined(0, Cause.EmptyArm);
        double y = moments.Mean(0), d = moments.Mean(1);
        if (d == 0) return MetricSummary.Undefined(moments.Count, Cause.BaselineZero);
        if (moments.Count < 2) return new(moments.Count, y / d, double.NaN, Cause.TooFewUnits);
        double square = d * d;
        var variance = moments.Covariance(0, 0) / square - 2 * y * moments.Covariance(0, 1) / (square * d)
            + y * y * moments.Covariance(1, 1) / (square * square);
        return new(moments.Count, y / d, variance, MetricSummary.WhyNot(y / d, variance));
    }

    /// <summary>The moments with numerator and denominator replaced by one value whose mean is the ratio and whose variance is that of one
    /// unit's part in it, so that whatever takes a mean and its covariates takes a ratio.</summary>
    /// <param name="moments">Numerator y (0), denominator d (1), then covariates.</param>
    /// <returns>Width one less: R + (y − R·d)/d̄, then the covariates; a mean of NaN where d̄ = 0.</returns>
    /// <remarks>The delta method of <see cref="Of"/>, at the arm's own R and d̄. O(width²).</remarks>
    public static JointMoments Linear(JointMoments moments)
    {
        int from = moments.Width, to = from - 1;
        double d = moments.Mean(1), ratio = d == 0 ? double.NaN : moments.Mean(0) / d;
        Span<double> weights = new double[to * from], shifts = new double[to];
        (weights[0], weights[1], shifts[0]) = (1 / d, -ratio / d, ratio);
        for (var row = 1; row < to; row++) weights[row * from + row + 1] = 1;
        return moments.Combine(weights, shifts);
    }

    /// <summary>Why an arm with units has no ratio; <see cref="Cause.None"/> when it has one.</summary>
    /// <param name="moments">Numerator (0), denominator (1).</param>
    public static Cause WhyNot(JointMoments moments) => moments.Count > 0 && moments.Mean(1) == 0 ? Cause.BaselineZero : Cause.None;

    /// <summary>The unit's value of a ratio made linear: mean 0 and the ratio's variance, so that methods for means take it.</summary>
    /// <param name="numerator">The unit's y.</param>
    /// <param name="denominator">The unit's d.</param>
    /// <param name="ratio">R of all units considered.</param>
    /// <param name="meanDenominator">d̄ of all units considered, not zero.</param>
    /// <returns>(y − R·d)/d̄.</returns>
    public static double Linearised(double numerator, double denominator, double ratio, double meanDenominator) =>
        (numerator - ratio * denominator) / meanDenominator;
}

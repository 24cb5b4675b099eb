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
        return new(moments.Count, y / d, variance, variance > 0 ? Cause.None : Cause.ZeroVariance);
    }

    /// <summary>The unit's value of a ratio made linear: mean 0 and the ratio's variance, so that methods for means take it.</summary>
    /// <param name="numerator">The unit's y.</param>
    /// <param name="denominator">The unit's d.</param>
    /// <param name="ratio">R of all units considered.</param>
    /// <param name="meanDenominator">d̄ of all units considered, not zero.</param>
    /// <returns>(y − R·d)/d̄.</returns>
    public static double Linearised(double numerator, double denominator, double ratio, double meanDenominator) =>
        (numerator - ratio * denominator) / meanDenominator;
}

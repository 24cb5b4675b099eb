namespace Looper.Core.Statistics;

/// <summary>Difference of two independent arms, treatment − control.</summary>
public static class MeanDifference
{
    /// <summary>Name and version of this estimator in stored reports.</summary>
    public const string Method = "welch-1";

    /// <summary>Difference of two metrics (means, rates, ratios or quantiles) with Welch's degrees of freedom.</summary>
    /// <param name="control">Control arm.</param>
    /// <param name="treatment">Treatment arm.</param>
    /// <returns>Effect in the metric's unit, positive when treatment is larger; undefined when either arm is.</returns>
    /// <remarks>Δ = ȳ_b − ȳ_a, se² = V_a/n_a + V_b/n_b, ν by Welch 1947, Biometrika 34:28, and Satterthwaite 1946, Biometrics Bulletin
    /// 2:110. Assumes independent units and finite variances. O(1), no allocation.</remarks>
    public static Effect Between(in MetricSummary control, in MetricSummary treatment)
    {
        var units = control.Units + treatment.Units;
        var why = MetricSummary.Worst(control, treatment);
        if (why != Cause.None) return Effect.Undefined(Scale.Absolute, Method, why, units);
        return new(Scale.Absolute, treatment.Value - control.Value,
            Math.Sqrt(treatment.Variance / treatment.Units + control.Variance / control.Units),
            Effect.WelchDegrees(control, treatment), units, Method);
    }

    /// <summary>Confidence interval for the difference of two population means, treatment − control.</summary>
    /// <param name="control">Moments of the outcome in the control arm, one value per unit.</param>
    /// <param name="treatment">Moments of the outcome in the treatment arm, one value per unit.</param>
    /// <param name="level">Confidence level, in (0, 1).</param>
    /// <returns>Bounds in the outcome's unit; both NaN below two units in either arm, or when either arm does not vary.</returns>
    /// <remarks>Δ ± t(ν, (1+level)/2)·se. Coverage is approximate (simulated in MeanDifferenceTests): watch skewed outcomes below
    /// 355·skewness² units an arm (Kohavi et al. 2014, KDD, section 3.2).</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="level"/> is not inside (0, 1).</exception>
    public static Interval Welch(in Moments control, in Moments treatment, double level) =>
        Reading.Fixed(Between(MetricSummary.OfMean(control), MetricSummary.OfMean(treatment)), level).Interval;
}

namespace Looper.Core.Statistics;

/// <summary>Treatment against control as a fraction of the control's size, (ȳ_b − ȳ_a)/|ȳ_a|.</summary>
public static class RelativeLift
{
    /// <summary>Name and version of this estimator in stored reports.</summary>
    public const string Method = "delta-1";

    /// <summary>Below this squared coefficient of the baseline's uncertainty the delta method and Fieller's limits agree to four digits.</summary>
    private const double SmallUncertainty = 0.01;

    /// <summary>The lift with its delta-method standard error.</summary>
    /// <param name="control">Control arm; a negative baseline is allowed, its size divides.</param>
    /// <param name="treatment">Treatment arm.</param>
    /// <returns>Lift as a fraction; undefined when either arm is, or at a zero baseline.</returns>
    /// <remarks>se² = V_b/(n_b·ȳ_a²) + V_a·ȳ_b²/(n_a·ȳ_a⁴), degrees of freedom as for the difference. First-order Taylor: good while the
    /// baseline is known to about 10 %; see <see cref="Limits"/>. O(1), no allocation.</remarks>
    public static Effect Between(in MetricSummary control, in MetricSummary treatment)
    {
        var units = control.Units + treatment.Units;
        var why = MetricSummary.Worst(control, treatment);
        if (why == Cause.None && control.Value == 0) why = Cause.BaselineZero;
        if (why != Cause.None) return Effect.Undefined(Scale.Relative, Method, why, units);
        double a = control.Value, b = treatment.Value, square = a * a;
        var variance = treatment.Variance / (treatment.Units * square) + control.Variance * b * b / (control.Units * square * square);
        return new(Scale.Relative, (b - a) / Math.Abs(a), Math.Sqrt(variance), Effect.WelchDegrees(control, treatment), units, Method);
    }

    /// <summary>Interval of the lift that stays honest when the baseline itself is uncertain.</summary>
    /// <param name="control">Control arm.</param>
    /// <param name="treatment">Treatment arm.</param>
    /// <param name="critical">Standard errors on each side: a Student quantile, or a confidence sequence's half-width over its se.</param>
    /// <returns>Bounds as fractions, and why they are missing: <see cref="Cause.UnstableRatio"/> when the baseline is within
    /// <paramref name="critical"/> standard errors of zero.</returns>
    /// <remarks>g = c²·se_a²/ȳ_a². g ≤ 0.01: delta method. g &lt; 1: Fieller 1954, J. R. Stat. Soc. B 16:175, the values r with
    /// |ȳ_b − r·ȳ_a| ≤ c·√(se_b² + r²·se_a²), minus 1. g ≥ 1: unbounded, not shown. Independent arms. O(1), no allocation.</remarks>
    public static (Interval Interval, Cause Why) Limits(in MetricSummary control, in MetricSummary treatment, double critical)
    {
        var effect = Between(control, treatment);
        if (!effect.IsDefined) return (Interval.Undefined, effect.Why);
        if (IsUnstable(control, critical)) return (Interval.Undefined, Cause.UnstableRatio);
        double a = control.Value, b = treatment.Value, c = critical * critical;
        double seA = control.Variance / control.Units, seB = treatment.Variance / treatment.Units;
        if (Uncertainty(control, critical) <= SmallUncertainty)
            return (new(effect.Value - critical * effect.StandardError, effect.Value + critical * effect.StandardError), Cause.None);
        double p = a * b, q = a * a - c * seA, s = b * b - c * seB;
        var root = Math.Sqrt(Math.Max(0, p * p - q * s));
        double low = (p - root) / q - 1, high = (p + root) / q - 1;
        return (a > 0 ? new(low, high) : new(-high, -low), Cause.None);
    }

    /// <summary>Whether a baseline cannot be told from zero, so that no lift over it, however estimated, has limits.</summary>
    /// <param name="control">Control arm, as observed.</param>
    /// <param name="critical">Standard errors on each side.</param>
    public static bool IsUnstable(in MetricSummary control, double critical) => !(Uncertainty(control, critical) < 1);

    // g of Fieller.
    private static double Uncertainty(in MetricSummary control, double critical) => critical * critical * (control.Variance / control.Units) / (control.Value * control.Value);
}

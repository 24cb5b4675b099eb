namespace Looper.Core.Statistics;

/// <summary>One arm of one metric: its value, and the variance that one unit contributes, so that the value's squared standard error is
/// <see cref="Variance"/>/<see cref="Units"/>. Every kind of metric becomes one of these, and every comparison starts from two.</summary>
/// <param name="Units">Units (clusters, or events where one unit has one event).</param>
/// <param name="Value">Mean, rate, ratio or quantile; NaN when undefined.</param>
/// <param name="Variance">Variance V of one observation; NaN when undefined.</param>
/// <param name="Why">Why the arm cannot be used; <see cref="Cause.None"/> when it can.</param>
public readonly record struct MetricSummary(double Units, double Value, double Variance, Cause Why = Cause.None)
{
    // Degrees of freedom need the squares of variances, and a lift the fourth power of the baseline: beyond these bounds they are infinite or zero.
    private const double LeastVariance = 1e-140, MostVariance = 1e140, MostValue = 1e70;

    /// <summary>Standard error of <see cref="Value"/>; NaN when undefined.</summary>
    public double StandardError => Math.Sqrt(Variance / Units);

    /// <summary>Moments of values with this mean and this variance: what takes moments then takes a ratio or a quantile.</summary>
    public Moments AsMoments() => new(Units, Value, Variance * (Units - 1), double.NaN);

    /// <summary>An arm that cannot be used.</summary>
    public static MetricSummary Undefined(double units, Cause why) => new(units, double.NaN, double.NaN, why);

    /// <summary>A mean per unit, with the sample variance (divisor n − 1).</summary>
    public static MetricSummary OfMean(in Moments moments) => moments.Count switch
    {
        0 => Undefined(0, Cause.EmptyArm),
        < 2 => new(moments.Count, moments.Mean, double.NaN, Cause.TooFewUnits),
        _ => new(moments.Count, moments.Mean, moments.Variance, WhyNot(moments.Mean, moments.Variance)),
    };

    /// <summary>A rate of yes/no values, with variance p(1 − p) (divisor n).</summary>
    /// <param name="moments">Moments of values that are 0 or 1.</param>
    public static MetricSummary OfConversion(in Moments moments) => moments.Count switch
    {
        0 => Undefined(0, Cause.EmptyArm),
        < 2 => new(moments.Count, moments.Mean, double.NaN, Cause.TooFewUnits),
        _ => new(moments.Count, moments.Mean, moments.M2 / moments.Count, moments.M2 > 0 ? Cause.None : Cause.ZeroVariance),
    };

    /// <summary>Why a value with this variance of one unit cannot be compared; <see cref="Cause.None"/> when it can.</summary>
    /// <param name="value">Mean, rate or ratio: of a tiny one, the squares of differences are zero also where units differ.</param>
    /// <param name="variance">NaN or infinite where squares have left the range of numbers.</param>
    public static Cause WhyNot(double value, double variance) => variance switch
    {
        <= 0 => value != 0 && value * value < LeastVariance ? Cause.OutOfRange : Cause.ZeroVariance,
        >= LeastVariance and <= MostVariance when Math.Abs(value) <= MostValue => Cause.None,
        _ => Cause.OutOfRange,
    };

    /// <summary>The first cause that keeps either arm from being used.</summary>
    public static Cause Worst(in MetricSummary control, in MetricSummary treatment) => control.Why != Cause.None ? control.Why : treatment.Why;
}

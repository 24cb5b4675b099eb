using Looper.Core.Statistics;

namespace Looper.Core.OffPolicy;

/// <summary>One estimator's answer, with every interval.</summary>
/// <param name="Name"><c>ips</c>, <c>ips-clip</c>, <c>sg-ips</c>, <c>snips</c>, <c>dm</c>, <c>dr</c>, <c>sndr</c>, <c>switch-dr</c>, <c>dr-os</c>, <c>sg-dr</c> or <c>mrdr</c>.</param>
/// <param name="Value">Mean reward a decision and its standard error by unit.</param>
/// <param name="Constant">The ceiling, threshold or shrinkage that was chosen; NaN where there is none.</param>
/// <param name="Normal">Value ± z·standard error.</param>
/// <param name="Bootstrap">Percentiles over units drawn again.</param>
/// <param name="Bernstein">Holds for every sample size and distribution; undefined without a declared ceiling of weights and bounded rewards.</param>
/// <param name="Change">Value less the mean served on the same rows (or what else is referred to), interval by bootstrap.</param>
/// <param name="Relative">The same as a fraction of what it is measured against; undefined where that is near 0.</param>
public sealed record EstimatorFigures(
    string Name, PolicyValue Value, double Constant, Interval Normal, Interval Bootstrap, Interval Bernstein, ChangeEstimate Change, ChangeEstimate Relative);

/// <summary>A difference and its interval.</summary>
/// <param name="Estimate">NaN when undefined.</param>
/// <param name="StandardError">By unit; NaN when undefined.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct ChangeEstimate(double Estimate, double StandardError, double Low, double High)
{
    /// <summary>No value.</summary>
    public static ChangeEstimate Undefined { get; } = new(double.NaN, double.NaN, double.NaN, double.NaN);
}

/// <summary>How intervals are made.</summary>
public sealed record EstimatePlan
{
    /// <summary>Confidence level in (0, 1). Default 0.95.</summary>
    public double Level { get; init; } = 0.95;

    /// <summary>Bootstrap replicates. Default 1,000.</summary>
    public int Replicates { get; init; } = 1_000;

    /// <summary>Fixes every random choice.</summary>
    public long Seed { get; init; } = 1;
}

namespace Looper.Core.Experiments;

/// <summary>One line of what was estimated of an experiment and stored: effects by unit, or a long-term effect.</summary>
/// <param name="Verdict">One sentence per treatment.</param>
public sealed record EstimateSummary(Guid Id, Guid ExperimentId, DateTimeOffset ComputedAt, string RequestedBy, string Metric, string Verdict);

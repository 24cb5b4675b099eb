namespace Looper.Core.Experiments;

/// <summary>The analysis of an experiment at a moment, stored whole so that every number can be traced.</summary>
public sealed class Report
{
    public Guid Id { get; init; }
    public Guid ExperimentId { get; init; }
    public DateTimeOffset ComputedAt { get; init; }

    /// <summary>Events up to this moment were read.</summary>
    public DateTimeOffset DataUntil { get; init; }

    /// <summary>JSON of a <see cref="ReportContent"/>.</summary>
    public string Content { get; init; } = "";
}

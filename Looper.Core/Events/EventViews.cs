using Looper.Core.Serving;

namespace Looper.Core.Events;

/// <summary>Null leaves a condition out.</summary>
public sealed record DecisionFilter(Guid DecisionPointId)
{
    public string? Unit { get; init; }

    /// <summary>Index of the option that was answered, by version: a version that is not there did not have it.</summary>
    public IReadOnlyDictionary<int, int>? Options { get; init; }

    public Reason? Reason { get; init; }
    public Guid? ExperimentId { get; init; }
    public int? BlueprintVersion { get; init; }

    /// <summary>From this time on.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Before this time.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>Null leaves a condition out.</summary>
public sealed record ObservationFilter
{
    public string? DecisionId { get; init; }
    public string? Unit { get; init; }
    /// <summary>Any of these.</summary>
    public IReadOnlyCollection<string>? Outcomes { get; init; }
}

/// <param name="Next">Give it back for the page after this one; null on the last.</param>
public sealed record EventPage<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>A decision and what was observed for it.</summary>
public sealed record DecisionTrail(DecisionRecord Decision, IReadOnlyList<ObservationRecord> Observations);

public readonly record struct HourCount(DateTimeOffset Hour, long Decisions, long Outcomes);

/// <param name="Version">Of the blueprint that decided; 0 for what was counted before versions were.</param>
/// <param name="Option">Index among the options of that version.</param>
public readonly record struct OptionCount(int Version, int Option, Reason Reason, long Decisions);

/// <param name="Sum">Sum of the observed values.</param>
public readonly record struct OutcomeCount(string Outcome, long Observations, double Sum);

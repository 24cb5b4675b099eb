using System.Collections.Immutable;

namespace Looper.Core.Decisions;

/// <summary>A logged decision in words: names in place of indexes, the unit masked.</summary>
public sealed record DecisionRow(
    string Id, DateTimeOffset Time, string Unit, string Decision, double? Propensity, string Reason, string? Experiment, string? Arm,
    int BlueprintVersion, int? ModelNumber, bool IsImported, bool IsSimulated);

/// <summary>One feature exactly as served.</summary>
/// <param name="State">sent, missing, or not usable as this feature's type.</param>
/// <param name="IsMasked">Marked personal: only the first letters stand in the value.</param>
public sealed record ServedFeature(string Name, string Type, string? Value, string State, bool IsMasked = false);

public sealed record ObservationRow(
    string Id, DateTimeOffset Time, DateTimeOffset ReceivedAt, string Outcome, double Value, string? DecisionId, string? Unit, string Joined)
{
    /// <summary>Which of the candidates it belongs to; null for the decision as a whole.</summary>
    public string? Candidate { get; init; }
}

/// <summary>A score per option, or one for a value.</summary>
public sealed record OptionScore(string Option, double Score);

/// <summary>One candidate as served.</summary>
/// <param name="Sent">Which one it was as sent, from 0.</param>
/// <param name="Score">Null where no model scored.</param>
/// <param name="Propensity">Null where its place was not drawn.</param>
public sealed record ServedCandidate(string Id, int Sent, double? Score, double? Propensity, ImmutableArray<ServedFeature> Features);

/// <summary>One decision with everything that is known of it.</summary>
/// <param name="Candidates">In the order of the answer; empty where none were sent.</param>
public sealed record DecisionDetail(
    DecisionRow Decision, string DecisionPoint, ImmutableArray<ServedFeature> Features, ImmutableArray<OptionScore> Scores,
    ImmutableArray<ObservationRow> Observations, ImmutableArray<ServedCandidate> Candidates)
{
    /// <summary>They were put in an order; else one was picked.</summary>
    public bool IsRanking { get; init; }
}

/// <param name="Value">Null while the window is open, when nothing came and absence means unknown, and where nothing was waited for.</param>
/// <param name="State">joined, waiting, absent, or not asked: the version that decided did not have the outcome, or defined it otherwise.</param>
public sealed record ExampleOutcome(string Outcome, double? Value, string State);

public sealed record ExampleRow(
    string DecisionId, DateTimeOffset Time, string Decision, ImmutableArray<ServedFeature> Features, ImmutableArray<ExampleOutcome> Outcomes, bool IsClosed, int Late);

/// <summary>A page of rows; <paramref name="Next"/> asks for the one after, null on the last.</summary>
public sealed record RowPage<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Null leaves a condition out.</summary>
public sealed record DecisionRowFilter
{
    public string? Option { get; init; }
    public string? Reason { get; init; }
    public string? Unit { get; init; }
    public int? Version { get; init; }
    public DateTimeOffset? From { get; init; }
    public DateTimeOffset? Until { get; init; }
}

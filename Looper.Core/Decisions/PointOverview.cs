using System.Collections.Immutable;
using Looper.Core.Events;

namespace Looper.Core.Decisions;

/// <summary>A stage of the loop with its present number.</summary>
/// <param name="Note">Why it stands still, or what comes next; null when there is nothing to say.</param>
/// <param name="IsHere">The decision point's present stage.</param>
public sealed record LoopStage(string Name, string Number, string? Note, string? Tab, bool IsHere);

/// <param name="JoinRate">Null without closed windows.</param>
public sealed record OutcomeOverview(
    string Outcome, bool IsGoal, long Closed, long Joined, long Open, long Late, double? JoinRate, ImmutableArray<OptionRate> ByOption);

/// <param name="Mean">Null below 30 decisions.</param>
public sealed record OptionRate(string Option, long Decisions, double? Mean);

public sealed record Happening(DateTimeOffset At, string Text);

public sealed record PointOverview
{
    public required DecisionPointView Point { get; init; }
    public required string Summary { get; init; }
    public required PointActivity Activity { get; init; }
    public required ImmutableArray<LoopStage> Loop { get; init; }
    public required IReadOnlyList<HourCount> Hours { get; init; }

    /// <summary>Options are candidates that come with each call, told apart by the place they were sent at.</summary>
    public bool TakesCandidates { get; init; }

    /// <summary>They are put in an order, and outcomes are told apart by the place where they were shown.</summary>
    public bool IsRanking { get; init; }

    /// <summary>Decisions by option over the range.</summary>
    public required ImmutableArray<OptionRate> Options { get; init; }

    public required ImmutableArray<OutcomeOverview> Outcomes { get; init; }
    public required long DecisionsInRange { get; init; }

    /// <summary>Fractions of the decisions in the range; null without any.</summary>
    public double? DefaultShare { get; init; }

    public double? ExploreShare { get; init; }

    /// <summary>Decisions whose windows of the goal's outcomes are closed, at most as many as start the first training (<see cref="FirstModelAt"/>, 0: by hand). Null where none
    /// will start by itself, and once there is a model.</summary>
    public required long? ClosedExamples { get; init; }

    public required int FirstModelAt { get; init; }
    public required ImmutableArray<Happening> Last { get; init; }
}

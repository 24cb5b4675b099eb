using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Experiments;

/// <summary>An experiment as lists and headers show it.</summary>
public sealed record ExperimentView
{
    public required Guid Id { get; init; }
    public required string Key { get; init; }
    public required string Name { get; init; }
    public string? Hypothesis { get; init; }
    public required Guid DecisionPointId { get; init; }
    public required string DecisionPoint { get; init; }
    public required ExperimentState State { get; init; }
    public required ExperimentPlan Plan { get; init; }
    public string? Conclusion { get; init; }
    public bool IsImported { get; init; }
    public bool IsSimulated { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string CreatedBy { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>Steps of the ramp that were taken; all of them once it has its planned traffic.</summary>
    public int RampStep { get; init; }

    public DateTimeOffset? RampStepAt { get; init; }

    /// <summary>Why the next step waits; null while nothing but time is in its way.</summary>
    public string? RampHeld { get; init; }

    /// <summary>Shares over time, oldest first, where they follow the outcomes; empty for any other experiment.</summary>
    public ImmutableArray<AllocationEpoch> Allocation { get; init; } = [];

    /// <summary>When they were last looked at, and why they stayed as they were.</summary>
    public DateTimeOffset? AllocationAt { get; init; }

    public string? AllocationHeld { get; init; }

    /// <summary>Units that always get an arm and are in no analysis.</summary>
    public ImmutableArray<Tester> Testers { get; init; } = [];

    /// <summary>Set while a draft waits for another person's approval.</summary>
    public ApprovalRequest? Approval { get; init; }

    /// <summary>The arm that everyone gets since the decision; null before it and after it was taken back.</summary>
    public string? ShippedArm { get; init; }

    /// <summary>Blueprint version that ships it.</summary>
    public int? ShippedVersion { get; init; }

    /// <summary>Version that served before it.</summary>
    public int? ShippedOver { get; init; }
    public DateTimeOffset? ShippedAt { get; init; }
    public required long Revision { get; init; }

    /// <summary>The newest stored report; null before the first.</summary>
    public ReportSummary? Latest { get; init; }
}

/// <summary>What a list shows of a report.</summary>
public sealed record ReportSummary
{
    public required Guid Id { get; init; }
    public required DateTimeOffset ComputedAt { get; init; }
    public required RecommendedAction Action { get; init; }
    public required string Title { get; init; }
    public required long Units { get; init; }
    public required HealthState Health { get; init; }

    /// <summary>Change of the deciding outcome for the arm the recommendation speaks of, relative; null when not enough data.</summary>
    public double? Change { get; init; }

    public double? ChangeLow { get; init; }
    public double? ChangeHigh { get; init; }
}

/// <summary>A draft with what its editor needs: the blueprint it compares on and everything that keeps it from starting.</summary>
/// <param name="Faults">All that must change before it can start.</param>
public sealed record ExperimentDraftView(ExperimentView Experiment, BlueprintContent Blueprint, IReadOnlyList<int> Versions, IReadOnlyList<Refusal> Faults);

/// <summary>A stored report with its identity.</summary>
public sealed record ReportView(Guid Id, Guid ExperimentId, DateTimeOffset ComputedAt, ReportContent Content);

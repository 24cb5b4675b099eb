using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Experiments;

public enum ExperimentState
{
    Draft,
    Running,
    Stopped,
}

/// <summary>A randomised comparison of arms on units; exposure is the unit's first decision.</summary>
public sealed class Experiment
{
    public Guid Id { get; init; }
    public string Key { get; set; } = "";
    public string Name { get; set; } = "";
    public string? Hypothesis { get; set; }
    public Guid DecisionPointId { get; init; }
    public ExperimentState State { get; set; }

    /// <summary>JSON of an <see cref="ExperimentPlan"/>; frozen at start.</summary>
    public string Plan { get; set; } = "";

    public string? Conclusion { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
    public string CreatedBy { get; init; } = "";
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? StoppedAt { get; set; }

    /// <summary>Analysed from imported events rather than live ones.</summary>
    public bool IsImported { get; init; }

    /// <summary>Salt of the assignment; never changes.</summary>
    public long Salt { get; init; }

    public long Revision { get; set; }
}

/// <summary>What was decided before the start: arms, traffic, metrics, level.</summary>
public sealed record ExperimentPlan
{
    /// <summary>The first arm is the baseline. Weights are fractions and sum to 1.</summary>
    public ImmutableArray<Arm> Arms { get; init; } = [];

    /// <summary>Fraction of units in the experiment, in (0, 1].</summary>
    public double Traffic { get; init; } = 1;

    /// <summary>Outcome that decides; null takes the blueprint's first goal term.</summary>
    public string? PrimaryOutcome { get; init; }

    /// <summary>Confidence level of the intervals, in (0, 1).</summary>
    public double Level { get; init; } = 0.95;
}

/// <summary>One side of an experiment. Exactly one of <see cref="Option"/>, <see cref="Policy"/>, <see cref="BlueprintVersion"/>
/// is set, or none: then the arm is whatever the current blueprint does.</summary>
public sealed record Arm(string Key, double Weight)
{
    public string? Name { get; init; }
    public string? Option { get; init; }
    public PolicySpec? Policy { get; init; }
    public int? BlueprintVersion { get; init; }
}

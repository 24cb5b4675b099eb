using System.Collections.Immutable;

namespace Looper.Core.Blueprints;

/// <summary>When models are trained, how they are made, and how a candidate becomes live.</summary>
public sealed record TrainingPlan
{
    /// <summary>Closed examples that start the first training. 0 never starts one by itself.</summary>
    public int FirstModelAt { get; init; } = 1_000;

    /// <summary>Retrain when this much time has passed since the last training, and there is something new to learn from; null never.</summary>
    public TimeSpan? RetrainEvery { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Let the gate put a candidate live without a person.</summary>
    public bool PromoteAutomatically { get; init; } = true;

    /// <summary>Train without being asked. Off leaves every training to a person, and keeps the other settings.</summary>
    public bool IsOn { get; init; } = true;

    /// <summary>Retrain when the windows of this many more decisions have closed since the last training; null never.</summary>
    public int? RetrainAfter { get; init; }

    /// <summary>Retrain when what is served, or what comes of it, has moved away from what the live model learned from.</summary>
    public bool RetrainOnDrift { get; init; } = true;

    /// <summary>Kind of model; by itself the search chooses.</summary>
    public ModelFamily Family { get; init; } = ModelFamily.Auto;

    /// <summary>Longest search over family and settings, per outcome. 0 takes the defaults.</summary>
    public int SearchSeconds { get; init; } = 30;

    /// <summary>Settings of the learner that are fixed; the search leaves them alone.</summary>
    public FixedSettings Settings { get; init; } = new();

    /// <summary>What is predicted of an outcome, where it is not what its kind suggests.</summary>
    public ImmutableArray<OutcomeObjective> Objectives { get; init; } = [];

    public SelectionPlan Selection { get; init; } = new();

    public GatePlan Gate { get; init; } = new();
}

public enum ModelFamily
{
    Auto,
    Trees,
    Linear,
    Network,
}

/// <summary>Each null is left to the search, or to the learner's default. What a family does not have is ignored by it.</summary>
public sealed record FixedSettings
{
    public int? Rounds { get; init; }
    public int? Leaves { get; init; }
    public double? LearningRate { get; init; }
    public int? MinLeafRows { get; init; }
    public double? L1 { get; init; }
    public double? L2 { get; init; }
    public double? FeatureFraction { get; init; }
    public double? RowFraction { get; init; }
}

public enum OutcomeTarget
{
    /// <summary>The expected value, by squared error; the chance of a yes.</summary>
    Mean,

    /// <summary>The value that a share τ of outcomes stays below, by pinball loss.</summary>
    Quantile,

    /// <summary>The expected count, by Poisson deviance.</summary>
    Count,
}

/// <summary>What is predicted of one outcome.</summary>
public sealed record OutcomeObjective(string Outcome, OutcomeTarget Target)
{
    /// <summary>τ, inside (0, 1); only for <see cref="OutcomeTarget.Quantile"/>.</summary>
    public double? Quantile { get; init; }
}

/// <summary>Leaving out features that do not earn their cost.</summary>
public sealed record SelectionPlan
{
    public bool IsOn { get; init; }

    /// <summary>Rise of the loss that is accepted, as a share of it. In [0, 0.1].</summary>
    public double Tolerance { get; init; } = 0.002;

    /// <summary>Features that stay whatever they are worth.</summary>
    public ImmutableArray<string> Pinned { get; init; } = [];
}

/// <summary>What the gate asks of a candidate beside being better.</summary>
public sealed record GatePlan
{
    /// <summary>A live model older than this gives way to one that is not worse.</summary>
    public TimeSpan FreshFor { get; init; } = TimeSpan.FromDays(14);

    /// <summary>How much worse, as a share of the live model's loss, still counts as not worse. In [0, 0.1].</summary>
    public double NotWorse { get; init; } = 0.005;

    /// <summary>Largest calibration error of a yes/no candidate, unless chance alone gives as much. In (0, 0.5].</summary>
    public double CalibrationError { get; init; } = 0.05;

    /// <summary>Longest mean time to score one row, in microseconds. In [1, 100,000].</summary>
    public double ScoringMicroseconds { get; init; } = 1_000;

    /// <summary>Live decisions that a candidate must score beside the live model before it may take its place. 0 to 100,000; 0 skips the shadow.</summary>
    public int ShadowDecisions { get; init; } = 500;
}

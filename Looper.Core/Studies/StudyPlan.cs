using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Looper.Core.Optimization;

namespace Looper.Core.Studies;

public enum TrialSource
{
    /// <summary>An application asks for trials and tells their metrics over the API.</summary>
    External,

    /// <summary>An HTTP endpoint of the user measures a setting when asked.</summary>
    Simulator,

    /// <summary>Arms of an experiment on the decision point, on real units.</summary>
    Live,

    /// <summary>Off-policy estimates on the logged decisions of the decision point; nobody meets a setting.</summary>
    Logged,
}

public enum Aim
{
    Maximize,
    Minimize,
}

/// <summary>What was decided before the start: parameters, goals, guardrails, budget.</summary>
public sealed record StudyPlan
{
    public TrialSource Source { get; init; }

    /// <summary>What may be tuned. On live arms and logged decisions these are numbers of the policy.</summary>
    public ImmutableArray<StudyParameter> Parameters { get; init; } = [];

    /// <summary>Σ weight · value ≤ bound between numbers.</summary>
    public ImmutableArray<ParameterConstraint> ParameterConstraints { get; init; } = [];

    /// <summary>One to three.</summary>
    public ImmutableArray<StudyGoal> Goals { get; init; } = [];

    public ImmutableArray<StudyGuardrail> Guardrails { get; init; } = [];

    /// <summary>Values of today, tried first; empty when there are none.</summary>
    public ImmutableSortedDictionary<string, ParameterValue> StatusQuo { get; init; } = ImmutableSortedDictionary<string, ParameterValue>.Empty;

    /// <summary>Trials in all.</summary>
    public int Trials { get; init; } = 40;

    /// <summary>Trials side by side.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Days until it ends whatever is missing; null for no end.</summary>
    public int? Days { get; init; }

    /// <summary>Ends it before the last trial, once the next setting is expected to beat the best so far by less: in the goal's unit, of a policy a
    /// relative change. Null goes on to the last trial.</summary>
    public double? StopBelowGain { get; init; }

    /// <summary>Where the simulator answers.</summary>
    public string? SimulatorUrl { get; init; }

    /// <summary>Live: settings estimated on logged decisions before the first arm, beyond <see cref="Trials"/>; the model learns how far off they are.</summary>
    public int LoggedTrials { get; init; }

    /// <summary>Days before the start whose logged decisions count; null for all.</summary>
    public int? LoggedDays { get; init; }

    /// <summary>Live: share of units that take part.</summary>
    public double Traffic { get; init; } = 1;

    /// <summary>Live: units with a closed window that every arm needs.</summary>
    public long UnitsPerArm { get; init; } = 1_000;

    /// <summary>Days after which a batch is read as it is, and what has no metrics has failed.</summary>
    public double BatchDays { get; init; } = 14;

    /// <summary>Live: hours in which a person may strike out a proposed trial before it begins.</summary>
    public double VetoHours { get; init; }

    /// <summary>Live: minutes between two readings of a running batch.</summary>
    public double ReadMinutes { get; init; } = 10;

    public long Seed { get; init; } = 1;

    /// <summary>Whether a policy of the decision point is judged, so that a metric is a relative change.</summary>
    [JsonIgnore]
    public bool IsOfPolicy => Source is TrialSource.Live or TrialSource.Logged;

    /// <summary>Whether some settings are estimated on logged decisions.</summary>
    [JsonIgnore]
    public bool ReadsLog => Source == TrialSource.Logged || Source == TrialSource.Live && LoggedTrials > 0;

    /// <summary>Whether a trial counts as one of <see cref="Trials"/>: estimates before live arms do not.</summary>
    public bool Counts(StudyTrial trial) => !trial.IsLogged || Source == TrialSource.Logged;
}

/// <summary>A parameter of a study.</summary>
public sealed record StudyParameter(string Name, ParameterKind Kind = ParameterKind.Real)
{
    public double Low { get; init; }
    public double High { get; init; }
    public bool Log { get; init; }
    public ImmutableArray<string> Values { get; init; } = [];

    public Parameter ToParameter() => new(Name, Kind) { Low = Low, High = High, Log = Log, Values = Values.IsDefault ? [] : Values };
}

public sealed record ParameterConstraint(ImmutableSortedDictionary<string, double> Weights, double Bound);

/// <param name="Threshold">With several goals: what a useful trial beats.</param>
public sealed record StudyGoal(string Metric, Aim Direction = Aim.Maximize, double? Threshold = null);

/// <summary>A metric that must stay on one side of a bound. Give one of the two.</summary>
public sealed record StudyGuardrail(string Metric)
{
    public double? AtMost { get; init; }
    public double? AtLeast { get; init; }

    public MetricLimit ToLimit() => AtMost is { } high ? new(Metric, true, high) : new(Metric, false, AtLeast ?? double.NegativeInfinity);
}

/// <summary>A metric of a trial, in the metric's unit; on live arms the relative change against the concurrent present policy, on logged decisions
/// against what was served in them.</summary>
/// <param name="StandardError">0 = exact, NaN = not known.</param>
/// <param name="SharedVariance">Part of the squared error that the batch's control brings to all its trials.</param>
[method: JsonConstructor] // or what is left out would be 0, which means exact
public readonly record struct TrialMetric(double Mean = double.NaN, double StandardError = double.NaN, double SharedVariance = 0);

using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Experiments;

/// <summary>By which reading the report decides. The others stand beside it.</summary>
public enum ReadingKind
{
    /// <summary>Always valid: may be looked at any time.</summary>
    Sequential,

    /// <summary>Valid once, at the planned end.</summary>
    Fixed,

    /// <summary>Chance to win and expected loss; does not protect against looking early.</summary>
    Bayesian,
}

/// <summary>What was decided before the start: arms, traffic, metrics, level.</summary>
public sealed record ExperimentPlan
{
    /// <summary>The first arm is the baseline. Weights are fractions and sum to 1.</summary>
    public ImmutableArray<Arm> Arms { get; init; } = [];

    /// <summary>Fraction in the experiment of the units that are not held out, in (0, 1].</summary>
    public double Traffic { get; init; } = 1;

    /// <summary>Outcome or metric that decides; null takes the blueprint's first goal term.</summary>
    public string? PrimaryOutcome { get; init; }

    /// <summary>Confidence level of the intervals, in (0.5, 1).</summary>
    public double Level { get; init; } = 0.95;

    public ReadingKind Reading { get; init; } = ReadingKind.Sequential;

    /// <summary>Days until the planned end; null when none was planned, which a fixed reading cannot do without.</summary>
    public int? PlannedDays { get; init; }

    /// <summary>Units in all arms at which the sequential reading is sharpest; null takes 5,000 a pair of arms. Where clusters or slots of time are
    /// the sample it counts those; null then takes 100 clusters, or the slots of the planned days (14 without any).</summary>
    public double? PlannedUnits { get; init; }

    /// <summary>Smallest change of the primary outcome worth acting on, as a fraction of the baseline.</summary>
    public double SmallestChange { get; init; } = 0.03;

    /// <summary>Chance wanted of finding that change.</summary>
    public double Power { get; init; } = 0.8;

    /// <summary>What is read besides the blueprint's outcomes as they are.</summary>
    public ImmutableArray<Metric> Metrics { get; init; } = [];

    /// <summary>Margins that hold here in place of the blueprint's, by outcome; an outcome that the blueprint does not guard is guarded here.</summary>
    public ImmutableArray<PlannedGuardrail> Guardrails { get; init; } = [];

    /// <summary>Takes out of the outcomes also what the model's own score at exposure foretold.</summary>
    public bool UsesModelScore { get; init; }

    /// <summary>Feature by whose segments the arms are also compared and weighted together (post-stratification); null for none.</summary>
    public string? Strata { get; init; }

    /// <summary>Number features, as served at exposure, whose influence is taken out of the outcomes (CUPED).</summary>
    public ImmutableArray<string> Covariates { get; init; } = [];

    /// <summary>Share of units kept as they are; larger values of a number outcome are cut there. 1 cuts nothing.</summary>
    public double CapPercentile { get; init; } = 1;

    /// <summary>Share of units held out of the decision point, in [0, 1): they keep the baseline and take no part. Set at start from
    /// the blueprint and frozen, so that a version with another holdout does not change who takes part; 0 before.</summary>
    public double Holdout { get; init; }

    /// <summary>Conditions on the context, all of which must hold; empty takes everyone.</summary>
    public ImmutableArray<ContextFilter> Audience { get; init; } = [];

    /// <summary>Experiments of one layer never share a unit, whichever decision point they run on; null draws units of its own. In a layer
    /// <see cref="Traffic"/> is the share of the layer that it takes.</summary>
    public string? Layer { get; init; }

    /// <summary>Where its piece of the layer begins, in [0, 1); set at start and frozen.</summary>
    public double LayerFrom { get; init; }

    /// <summary>Smaller shares of traffic to begin with, in rising order; after the last, <see cref="Traffic"/>. Empty begins with all.</summary>
    public ImmutableArray<RampStep> Ramp { get; init; } = [];

    /// <summary>Feature of the context by whose value arms are given: all units of one value share an arm, and values, not units, are the sample
    /// (a company, a shop, a classroom). Null gives every unit its own.</summary>
    public string? Cluster { get; init; }

    /// <summary>Gives arms to slots of time, for outcomes where units compete with each other; null gives them to units.</summary>
    public SwitchbackDesign? Switchback { get; init; }

    /// <summary>Shares follow the outcomes; null keeps them as planned.</summary>
    public BanditDesign? Bandit { get; init; }

    /// <summary>Slots of time with what is left out of each; null where units or clusters get the arms.</summary>
    internal Serving.TimeSlots? Slots => Switchback is { } design ? new(design.SlotMinutes, design.BurnInMinutes) : null;

    /// <summary>Every unit got its arm by itself, with shares that never changed: what adjustments, segments and courses over time assume.</summary>
    internal bool IsPlain => Cluster is null && Switchback is null && Bandit is null;

    /// <summary>Traffic while this many steps of the ramp have been taken.</summary>
    public double TrafficAt(int step) => step < Ramp.Length ? Ramp[step].Share : Traffic;

    /// <summary>−1 when there is no such arm.</summary>
    public int ArmIndex(string key)
    {
        for (var i = 0; i < Arms.Length; i++)
        {
            if (Arms[i].Key == key) return i;
        }
        return -1;
    }

    /// <summary>Blueprint version whose outcomes and guardrails the report reads; set at start, 0 before.</summary>
    public int BlueprintVersion { get; init; }
}

/// <summary>Everybody gets the same arm during a slot of time; blocks (a slot in a region) are the sample.</summary>
/// <param name="SlotMinutes">Length of a slot, from 5 minutes to a day; divides a day. Slots begin at midnight UTC.</param>
public sealed record SwitchbackDesign(int SlotMinutes)
{
    /// <summary>Minutes at a slot's beginning that still show what the slot before did: they are left out of the analysis.</summary>
    public int BurnInMinutes { get; init; }

    /// <summary>Feature whose values have slots of their own (a city); null draws one arm for everybody.</summary>
    public string? Region { get; init; }
}

/// <summary>Shares that follow the outcomes: an arm's share is the chance that it is the best one, and never below the floor.</summary>
/// <param name="Floor">Least share of every arm, so that all go on being explored; from 0.01 to 1/arms.</param>
/// <param name="RenewHours">Hours between two looks at the outcomes, from 1 to 168.</param>
public sealed record BanditDesign(double Floor, double RenewHours);

/// <summary>A margin of an experiment's own.</summary>
/// <param name="MarginRelative">How much worse the outcome may get, as a fraction of the baseline in [0, 1].</param>
public sealed record PlannedGuardrail(string Outcome, double MarginRelative)
{
    /// <summary>Why it is not the blueprint's: needed where the blueprint guards the outcome with another margin.</summary>
    public string? Reason { get; init; }
}

/// <param name="Share">Traffic during this step, in (0, the plan's traffic).</param>
/// <param name="Hours">How long it lasts at least; the next step also waits for health and guardrails.</param>
public sealed record RampStep(double Share, double Hours);

/// <summary>A unit that always gets this arm, for trying it out: it is in no analysis.</summary>
public sealed record Tester(string Unit, string Arm);

/// <summary>One side of an experiment. At most one of <see cref="Option"/>, <see cref="Policy"/>, <see cref="BlueprintVersion"/>
/// is set; with none the arm is whatever the current blueprint does.</summary>
public sealed record Arm(string Key, double Weight)
{
    public string? Name { get; init; }
    public string? Option { get; init; }
    public PolicySpec? Policy { get; init; }
    public int? BlueprintVersion { get; init; }

    /// <summary>What the arm does, in words.</summary>
    public string Does => this switch
    {
        { Option: { } option } => $"always {option}",
        { BlueprintVersion: { } version } => $"blueprint version {version}",
        { Policy: FixedPolicy policy } => $"always {policy.Option}",
        { Policy: RandomPolicy } => "a random option",
        { Policy: BestPolicy } => "the best predicted option",
        { Policy: EpsilonGreedyPolicy policy } => FormattableString.Invariant($"the best predicted option, exploring {policy.Epsilon:0%}"),
        { Policy: TreePolicy policy } => $"the rule {policy.Root}",
        { Policy: BanditPolicy policy } => $"a bandit ({policy.Algorithm}) that learns from this arm alone",
        { Policy: not null } => "a policy of its own",
        _ => "what the current blueprint does",
    };
}

using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Looper.Core.Blueprints;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>A report whole: every number with the method and version that made it, and the inputs to make it again.</summary>
public sealed record ReportContent
{
    /// <summary>Grows when the meaning of a field changes.</summary>
    public int Format { get; init; } = 1;

    public required ReportSettings Settings { get; init; }
    public required ImmutableArray<ArmFigures> Arms { get; init; }
    public required ImmutableArray<HealthCheck> Health { get; init; }
    public required ImmutableArray<MetricFigures> Metrics { get; init; }
    public required Recommendation Recommendation { get; init; }

    /// <summary>Effects inside segments, a row per goal or guardrail, arm and feature; found by looking, so corrected for how many.</summary>
    public ImmutableArray<SegmentFigures> Segments { get; init; } = [];

    /// <summary>What was known of the units before their arm acted, and whether it is alike in all arms.</summary>
    public ImmutableArray<CovariateFigures> Covariates { get; init; } = [];

    /// <summary>Whether effects on the goals depend on another experiment that ran at the same time.</summary>
    public ImmutableArray<InteractionFigures> Interactions { get; init; } = [];

    /// <summary>How many units come; null in reports made before it was kept.</summary>
    public TrafficFigures? Traffic { get; init; }

    /// <summary>The reading by which it decides: the plan's, or the always-valid one before the planned end of a fixed one. Null in reports made before
    /// it was kept.</summary>
    public ReadingKind? Reading { get; init; }

    /// <summary>The same, known of every report: older ones decided by the plan's.</summary>
    [JsonIgnore]
    public ReadingKind Decides => Reading ?? Settings.Plan.Reading;

    /// <summary>The reading that judges one of its metrics.</summary>
    public ReadingKind DecidesOn(MetricFigures metric) => metric.Reading ?? Decides;

    /// <summary>Units whose first decision was made without the experiment's arm acting, left out: forced, faulty or paused answers.</summary>
    public long UnitsLeftOut { get; init; }
}

/// <summary>Everything a report was made from, besides the events themselves.</summary>
public sealed record ReportSettings
{
    public required Guid ExperimentId { get; init; }
    public required string Experiment { get; init; }
    public required string DecisionPoint { get; init; }

    /// <summary>What people call the experiment; null in reports made before it was kept.</summary>
    public string? ExperimentName { get; init; }

    /// <summary>What people call the decision point.</summary>
    public string? DecisionPointName { get; init; }

    public required ExperimentState State { get; init; }
    public bool IsImported { get; init; }
    public bool IsSimulated { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>The moment at which windows counted as open or closed, and events as arrived.</summary>
    public required DateTimeOffset DataUntil { get; init; }

    public required ExperimentPlan Plan { get; init; }

    /// <summary>Key of the outcome that decides.</summary>
    public required string PrimaryOutcome { get; init; }

    /// <summary>How long after a unit's first decision that outcome is known; zero in reports made before it was kept.</summary>
    public TimeSpan PrimaryWindow { get; init; }

    /// <summary>Shares of the arms over time, oldest first; empty where they never changed. With any, units of different stretches are not
    /// pooled.</summary>
    public ImmutableArray<AllocationEpoch> Allocation { get; init; } = [];

    /// <summary>Fraction of the decision point's units (in the audience, where there is one) that it took, on average over its time; NaN when not
    /// known.</summary>
    public double Share { get; init; } = double.NaN;

    /// <summary>Numbers of the models whose score is taken out; empty where none is.</summary>
    public ImmutableArray<int> ScoredBy { get; init; } = [];

    /// <summary>Days in a stage of the time after a unit's first decision, through which goals are followed; 0 where units are not.</summary>
    public int StageDays { get; init; }

    /// <summary>The shares followed the outcomes (a bandit): effects are adaptively weighted. Otherwise stretches are compared one by one.</summary>
    public bool IsAdaptive { get; init; }

    /// <summary>Version of the whole analysis; a change of any default raises it.</summary>
    public string Analysis { get; init; } = ExperimentAnalysis.Version;
}

/// <param name="From">The shares hold from this moment on.</param>
/// <param name="Weights">Probability of each arm, in the plan's order.</param>
public sealed record AllocationEpoch(DateTimeOffset From, ImmutableArray<double> Weights);

public sealed record ArmFigures
{
    public required string Key { get; init; }
    public string? Name { get; init; }
    public required string Does { get; init; }
    public required double Weight { get; init; }
    public required long Units { get; init; }
    public long Decisions { get; init; }

    /// <summary>Units that a later decision put into another arm; they stay in their first.</summary>
    public long SawOtherArms { get; init; }
}

public enum HealthState
{
    Green,
    Amber,
    Red,

    /// <summary>Not enough data to say; never a silent green.</summary>
    Unknown,
}

/// <param name="Name">Stable code of the check: <c>sample-ratio</c>.</param>
/// <param name="Sentence">Verdict with its numbers.</param>
/// <param name="Fix">What to look at when it is not green.</param>
/// <param name="P">p-value, NaN where the check has none.</param>
public sealed record HealthCheck(string Name, string Title, HealthState State, string Sentence, string? Fix, double P, string Method);

public enum MetricRole
{
    Goal,
    Guardrail,
    Secondary,
}

/// <summary>One metric over all arms.</summary>
public sealed record MetricFigures
{
    /// <summary>The outcome's name or the metric's key.</summary>
    public required string Outcome { get; init; }
    public required MetricRole Role { get; init; }

    /// <summary>This is the outcome that decides.</summary>
    public bool IsPrimary { get; init; }

    public required OutcomeKind Kind { get; init; }

    /// <summary>How it is made from outcomes.</summary>
    public MetricKind Measures { get; init; }

    /// <summary>What it measures, in words; null in reports made before it was kept.</summary>
    public string? Definition { get; init; }

    public required Direction Better { get; init; }
    public string? UnitOfMeasure { get; init; }
    public required TimeSpan Window { get; init; }

    /// <summary>The reading that judges it: another than the report's while a window longer than the deciding outcome's is open. Null in reports made
    /// before it was kept.</summary>
    public ReadingKind? Reading { get; init; }

    /// <summary>For a guardrail: how much worse, as a fraction of the baseline, is still acceptable; else NaN.</summary>
    public double Margin { get; init; } = double.NaN;

    /// <summary>How the margin differs from the blueprint's, and why, in words; null where it does not.</summary>
    public string? MarginNote { get; init; }

    /// <summary>Values above it were cut there; NaN when nothing is cut.</summary>
    public double Cap { get; init; } = double.NaN;

    /// <summary>The cut is a quantile of the values of this many units, the first; 0 where it is of all.</summary>
    public long CapUnits { get; init; }

    /// <summary>Fraction of units, drawn by hash, whose observations a percentile was taken of; 1 for all. The interval is that of those drawn.</summary>
    public double Sampled { get; init; } = 1;

    public required ImmutableArray<ArmValue> Arms { get; init; }

    /// <summary>One per arm after the baseline.</summary>
    public required ImmutableArray<Comparison> Comparisons { get; init; }
}

/// <param name="Units">Units whose window is closed and whose value is known: those the mean is over.</param>
/// <param name="Open">Units whose window is still open.</param>
/// <param name="Unknown">Units with a closed window and no value, where absence means unknown.</param>
/// <param name="Mean">NaN below the units needed to show it.</param>
/// <param name="Deviation">Sample standard deviation of a unit's value.</param>
/// <param name="Capped">Units whose value was cut.</param>
public sealed record ArmValue(string Arm, long Units, long Open, long Unknown, double Sum, double Mean, double Deviation, long Capped, Shortage? Shortage)
{
    /// <summary>The mean with the same part of every stretch in each arm; null where shares of the arms never changed.</summary>
    public BalancedMean? Balanced { get; init; }

    /// <summary>The mean that is told of the arm: balanced where shares changed, as the effect is.</summary>
    [JsonIgnore]
    public double Told => Balanced?.Value ?? Mean;
}

/// <summary>A mean that stretches with other shares do not bend: an arm that had more of a better time is not taken for a better arm.</summary>
/// <param name="Value">NaN where no stretch has units of every arm.</param>
/// <param name="StandardError">Of the value; NaN where it cannot be said.</param>
public sealed record BalancedMean(double Value, double StandardError);

/// <summary>Why a number is not shown yet.</summary>
/// <param name="Have">How many there are.</param>
/// <param name="Need">How many it takes.</param>
/// <param name="Of">Of what: <c>units in treatment</c>.</param>
/// <param name="ReadyAt">When it is expected at the present pace; null when that cannot be said.</param>
public sealed record Shortage(long Have, long Need, string Of, DateTimeOffset? ReadyAt = null);

public enum EffectVerdict
{
    /// <summary>The interval is wholly on the better side.</summary>
    Good,

    /// <summary>Wholly on the worse side.</summary>
    Bad,

    /// <summary>Contains zero.</summary>
    Unsure,

    NotEnoughData,
}

/// <summary>One arm against the baseline on one metric.</summary>
public sealed record Comparison
{
    public required string Arm { get; init; }
    public required EffectFigures Absolute { get; init; }
    public required EffectFigures Relative { get; init; }

    /// <summary>The same without any adjustment for covariates, when one was made.</summary>
    public EffectFigures? UnadjustedAbsolute { get; init; }

    public EffectFigures? UnadjustedRelative { get; init; }

    /// <summary>Share of variance that the adjustment took away; NaN without one.</summary>
    public double VarianceSaved { get; init; } = double.NaN;

    /// <summary>The same comparison read with each adjustment the plan asks for, one after the other, whether or not it is worth it.</summary>
    public ImmutableArray<AdjustedFigures> Adjustments { get; init; } = [];

    /// <summary>By the plan's reading, on the absolute scale.</summary>
    public required EffectVerdict Verdict { get; init; }

    /// <summary>p of the plan's reading, adjusted for the number of questions in the metric's group; NaN when undefined or Bayesian.</summary>
    public double AdjustedP { get; init; } = double.NaN;

    /// <summary>Correction behind <see cref="AdjustedP"/>: <c>holm-1</c>, <c>benjamini-hochberg-1</c>, or null for a single question.</summary>
    public string? Correction { get; init; }

    /// <summary>Level of the intervals that allow for as many questions; NaN for a single one, and in reports made before it was kept.</summary>
    public double CorrectedLevel { get; init; } = double.NaN;

    /// <summary>For a guardrail: safe, harmed or unknown.</summary>
    public GuardrailState? Guardrail { get; init; }

    /// <summary>Bound that judged the guardrail, relative, signed so that positive is good; NaN otherwise.</summary>
    public double GuardrailBound { get; init; } = double.NaN;

    /// <summary>p of the guardrail being no worse than the baseline, over all guardrails and arms (Holm): harmed below 0.05 where it is not safe. Of a yes or
    /// no of which one is too rare for a bound it is told all the same. NaN otherwise, and in reports made before it was kept.</summary>
    public double GuardrailP { get; init; } = double.NaN;

    public Shortage? Shortage { get; init; }

    /// <summary>The clusters or slots of time that are the sample; null where units are.</summary>
    public SampleFigures? Samples { get; init; }

    /// <summary>The same comparison day by day; null in reports made before it was kept.</summary>
    public TimeCourse? Course { get; init; }

    /// <summary>The same comparison by days since a unit's first decision; null for what is no goal or no value per unit, and where units are not
    /// followed.</summary>
    public NoveltyFigures? Novelty { get; init; }

    /// <summary>Warnings: <c>small-sample</c>, <c>skewed</c>, <c>few-conversions</c>, <c>unequal-variance</c>, <c>one-unit</c> (holds more than
    /// a twentieth of the arm's total).</summary>
    public ImmutableArray<string> Flags { get; init; } = [];
}

/// <summary>What got an arm as a whole, where that was not the unit.</summary>
public sealed record SampleFigures
{
    /// <summary>Of what: <c>clusters by company</c>, <c>slots</c>.</summary>
    public required string Of { get; init; }

    /// <summary>How many of them with a value in the baseline, and in the arm.</summary>
    public required int Baseline { get; init; }

    public required int Arm { get; init; }

    /// <summary>Chance of such a difference had the same samples been given to the arms another way; NaN where it was not asked: many clusters.</summary>
    public double RandomisationP { get; init; } = double.NaN;

    public string? RandomisationMethod { get; init; }

    /// <summary>How much the effect changes from the first to the second half of a slot; null where there are no slots.</summary>
    public CarryOverFigures? CarryOver { get; init; }
}

/// <summary>In the metric's unit.</summary>
public sealed record CarryOverFigures(double Estimate, double Low, double High, double P, string Method);

/// <summary>A comparison with one adjustment.</summary>
/// <param name="Name">Stable: <c>none</c>, <c>covariates</c>, <c>model-score</c>, <c>post-strata</c>, <c>epochs</c>,
/// <c>adaptively-weighted</c>.</param>
/// <param name="Sentence">What it takes out, in words.</param>
/// <param name="VarianceSaved">Share of the variance of the plain difference that it takes away; NaN when undefined.</param>
public sealed record AdjustedFigures(string Name, string Sentence, EffectFigures Absolute, EffectFigures Relative, double VarianceSaved);

/// <summary>One covariate.</summary>
/// <param name="IsUsed">Alike in all arms, so it may be adjusted for.</param>
/// <param name="P">p of being alike, corrected for all covariates, the time before of all metrics, and arms.</param>
public sealed record CovariateFigures(string Name, bool IsUsed, double P, string Sentence, string Method)
{
    /// <summary>p corrected for the arms alone; NaN in reports made before it was kept.</summary>
    public double RawP { get; init; } = double.NaN;
}

public enum GuardrailState
{
    Safe,
    Harmed,
    Unknown,
}

/// <summary>An effect with every reading of it. Effects are arm − baseline; a relative one is a fraction of the baseline.</summary>
public sealed record EffectFigures
{
    public required double Estimate { get; init; }
    public required double StandardError { get; init; }
    public required double DegreesOfFreedom { get; init; }

    /// <summary>Units of both arms.</summary>
    public required double Units { get; init; }

    /// <summary>Estimator and version.</summary>
    public required string Method { get; init; }

    /// <summary>Why it is undefined, by code; null when defined.</summary>
    public string? Why { get; init; }

    public required IntervalFigures Fixed { get; init; }
    public required IntervalFigures Sequential { get; init; }
    public required BayesFigures Bayesian { get; init; }

    /// <summary>The deciding reading's interval at the level of the comparison's family, where several are corrected for; else null.</summary>
    public IntervalFigures? Corrected { get; init; }

    /// <summary>The interval that agrees with the verdict.</summary>
    /// <param name="decides">The reading that decides.</param>
    public IntervalFigures Deciding(ReadingKind decides) => Corrected ?? Of(decides);

    /// <summary>Why a reading shows nothing, by code: the effect is undefined, or that reading of it has no limits, because a lift is over a baseline that
    /// they would cross. Null when it shows an estimate with its limits.</summary>
    public string? WhyNot(ReadingKind reading) => Why ?? (double.IsFinite(Of(reading).Low) ? null : Cause.UnstableRatio.Code());

    public IntervalFigures Of(ReadingKind reading) => reading switch
    {
        ReadingKind.Sequential => Sequential,
        ReadingKind.Fixed => Fixed,
        _ => new(Bayesian.Low, Bayesian.High, double.NaN, Bayesian.Method),
    };
}

public sealed record IntervalFigures(double Low, double High, double P, string Method);

public sealed record BayesFigures(
    double Mean, double Low, double High, double ChanceToWin, double LossOfArm, double LossOfBaseline, double PriorMean, double PriorVariance, string Method);

public enum RecommendedAction
{
    FixFirst,
    StopForGuardrail,
    NotEnoughData,
    Ship,
    RollBack,
    KeepRunning,
    YourCall,
}

/// <summary>What the rules say to do; it is never done by itself.</summary>
/// <param name="Rule">Number of the first rule that held, from 1.</param>
/// <param name="Arm">The arm it speaks of; null when it speaks of none.</param>
/// <param name="Title">Verb and object: <c>Ship free-shipping</c>.</param>
/// <param name="Sentence">Why, with the numbers.</param>
/// <param name="Because">The inputs that decided, one line each.</param>
public sealed record Recommendation(RecommendedAction Action, int Rule, string? Arm, string Title, string Sentence, ImmutableArray<string> Because);

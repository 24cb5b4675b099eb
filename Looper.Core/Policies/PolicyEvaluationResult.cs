using System.Collections.Immutable;
using Looper.Core.OffPolicy;
using Looper.Core.Statistics;

namespace Looper.Core.Policies;

/// <summary>A number with its interval; all NaN when undefined.</summary>
public sealed record Estimated(double Value, double StandardError, double Low, double High)
{
    public static Estimated Undefined { get; } = new(double.NaN, double.NaN, double.NaN, double.NaN);

    internal static Estimated Of(ChangeEstimate change) => new(change.Estimate, change.StandardError, change.Low, change.High);

    internal static Estimated Of(PolicyValue value, Interval interval) => new(value.Value, value.StandardError, interval.Low, interval.High);
}

/// <summary>The value of a policy on logged decisions, with everything needed to judge how far it can be trusted.</summary>
public sealed record PolicyEvaluationResult
{
    /// <summary>Estimator, its version, and that of the intervals.</summary>
    public const string Method = "off-policy-1";

    /// <summary>The code of a policy that learns on the way and has learned nothing yet: what it does by then is no policy of its own.</summary>
    public const string LearnedNothing = "learned-nothing";

    public required string DecisionPoint { get; init; }
    public required string Title { get; init; }

    /// <summary>The policy in words.</summary>
    public required string Policy { get; init; }

    /// <summary>What is added up: an outcome's name, or <c>goal</c> for a weighted sum.</summary>
    public required string Reward { get; init; }

    public string? UnitOfMeasure { get; init; }

    /// <summary>A share of decisions rather than a mean.</summary>
    public bool IsRate { get; init; }

    public bool LowerIsBetter { get; init; }

    /// <summary>What the value is a mean over: a decision, or of rankings a place shown.</summary>
    public string Per { get; init; } = "decision";

    public double Level { get; init; } = 0.95;
    public DateTimeOffset? From { get; init; }
    public DateTimeOffset? Until { get; init; }
    public int? LoggedBy { get; init; }

    /// <summary>Time of the first and last decision used; null without any.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    public DateTimeOffset? LastAt { get; init; }

    /// <summary>Decisions used, and of how many units.</summary>
    public long Decisions { get; init; }

    public long Units { get; init; }
    public required NotUsed NotUsed { get; init; }

    /// <summary>Why there is no value; null when there is one.</summary>
    public string? Refused { get; init; }

    /// <summary>Its code: <c>too-few-decisions</c>, <c>never-tried</c>, <c>no-overlap</c>, <c>too-few-units</c>, <c>no-interval</c>, <c>propensities-do-not-fit</c>, <c>learned-nothing</c>; null when there is a value.</summary>
    public string? RefusedCode { get; init; }

    /// <summary>What keeps the value from being taken at its word.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>The result in one sentence.</summary>
    public string Sentence { get; init; } = "";

    /// <summary>Share of these decisions that the model it follows has learned from, or its rule was made from, which flatters it.</summary>
    public double LearnedFrom { get; init; }

    /// <summary>What knows them: <c>model</c> or <c>rule</c>.</summary>
    public string Knower { get; init; } = Known.Model;

    /// <summary>Only decisions that it does not know were judged, since there were enough and no others were asked for.</summary>
    public bool IsAfterLearning { get; init; }

    /// <summary>So many that the value is not to be taken for what new decisions would bring.</summary>
    public bool IsFlattered => LearnedFrom > ValueWords.MostLearnedFrom;

    /// <summary>Mean of what was served on these decisions.</summary>
    public Estimated Served { get; init; } = Estimated.Undefined;

    /// <summary>The estimator that the value, the change and the sentence are from.</summary>
    public string Headline { get; init; } = "";

    public Estimated Value { get; init; } = Estimated.Undefined;

    /// <summary>Against what was served, in the unit of the reward.</summary>
    public Estimated Change { get; init; } = Estimated.Undefined;

    /// <summary>The same as a fraction of what was served.</summary>
    public Estimated Relative { get; init; } = Estimated.Undefined;

    /// <summary>Against the baseline for everyone, as a fraction of it; undefined where it was not tried enough.</summary>
    public Estimated FromBaseline { get; init; } = Estimated.Undefined;

    /// <summary>Against the version that was served when it was judged, on the same decisions, as a fraction of what that would have earned: the scale a launch is observed on.
    /// Undefined where the decisions say too little of that version; null where it was not asked (there was none, or it learns as it goes).</summary>
    public Estimated? FromCurrent { get; init; }

    /// <summary>The version that was served when it was judged, asked or not; null where that is what was judged.</summary>
    public int? Current { get; init; }

    /// <summary>What a launch after this version is held against, on the scale that it is observed on; undefined where another was served when it was judged.</summary>
    /// <param name="before">The version that was served until the launch.</param>
    public Estimated Foretold(int before) => Current == before ? FromCurrent ?? Relative : Estimated.Undefined;

    /// <summary>The current version's decisions are not all there is in the log, and what it would have earned can be told.</summary>
    public bool IsAgainstCurrent => FromCurrent is { } change && !double.IsNaN(change.Low) && change != Relative;

    public ImmutableArray<EstimatorRow> Estimators { get; init; } = [];
    public OverlapFigures? Overlap { get; init; }

    /// <summary>How much of the reward's variance the model explains on units it has not seen; NaN without one.</summary>
    public double ModelExplains { get; init; } = double.NaN;

    public ImmutableArray<OptionShare> Options { get; init; } = [];

    /// <summary>Share of decisions that would be another option.</summary>
    public double Changed { get; init; } = double.NaN;

    /// <summary>Who would get what, by groups of the features that the policy tells apart most; empty where it tells none apart.</summary>
    public ImmutableArray<GroupShare> Groups { get; init; } = [];

    /// <summary>Of a policy that learns on the way; null for every other.</summary>
    public LearningCourse? Learning { get; init; }

    /// <summary>Other outcomes of the goal, and guardrails.</summary>
    public ImmutableArray<OtherOutcome> Outcomes { get; init; } = [];
}

/// <param name="Forced">Answered by a default, a holdout or a tester's arm.</param>
/// <param name="WithoutPropensity">Imported, say.</param>
/// <param name="WithoutOutcome">The window is open, the outcome unknown, or the version did not have it as it is now.</param>
/// <param name="OtherBlueprint">Of a version that gives a shared feature another kind, or another shape or unit.</param>
/// <param name="DrawnInGroups">Of an experiment whose lot was drawn for groups of units or slots of time: a value counts units, and would seem surer than it is.</param>
public sealed record NotUsed(long Forced, long WithoutPropensity, long WithoutOutcome, long OtherBlueprint, long DrawnInGroups = 0)
{
    public long Total => Forced + WithoutPropensity + WithoutOutcome + OtherBlueprint + DrawnInGroups;
}

/// <param name="Constant">The ceiling, threshold or shrinkage that was chosen; NaN where there is none.</param>
public sealed record EstimatorRow(
    string Name, double Value, double StandardError, double Constant, double NormalLow, double NormalHigh, double BootstrapLow, double BootstrapHigh,
    double BernsteinLow, double BernsteinHigh, Estimated Change, Estimated Relative)
{
    internal static EstimatorRow Of(EstimatorFigures e) => new(
        e.Name, e.Value.Value, e.Value.StandardError, e.Constant, e.Normal.Low, e.Normal.High, e.Bootstrap.Low, e.Bootstrap.High, e.Bernstein.Low, e.Bernstein.High,
        Estimated.Of(e.Change), Estimated.Of(e.Relative));
}

/// <param name="Effective">How many equally weighted decisions the weighted ones are worth.</param>
/// <param name="TopShare">Share of the weight that the heaviest 1 % of decisions carry.</param>
/// <param name="Unsupported">Share of what the policy would do that these decisions never tried.</param>
/// <param name="Verdict"><c>good</c>, <c>thin</c> or <c>none</c>.</param>
public sealed record OverlapFigures(double Effective, double MeanWeight, double LargestWeight, double TopShare, double Unsupported, string Verdict)
{
    /// <summary>How many units that weigh alike the weighted decisions are worth; undefined in results from before it was counted.</summary>
    public double EffectiveUnits { get; init; } = double.NaN;
}

/// <param name="Served">Share of decisions that had it.</param>
/// <param name="Policy">Share that the policy would give it.</param>
public sealed record OptionShare(string Option, double Served, double Policy);

/// <param name="Group">Values of the feature, in words.</param>
/// <param name="Share">Share of decisions in this group.</param>
public sealed record GroupShare(string Feature, string Group, double Share, ImmutableArray<OptionShare> Options);

/// <param name="Relative">Against what was served, as a fraction of it, by self-normalised inverse propensity.</param>
/// <param name="Margin">Of a guardrail: how much worse is still acceptable, as a fraction; null for an outcome of the goal.</param>
/// <param name="Verdict">Of a guardrail: <c>safe</c>, <c>harmed</c> or <c>unknown</c>; null otherwise.</param>
public sealed record OtherOutcome(string Outcome, bool LowerIsBetter, Estimated Value, Estimated Relative, double? Margin, string? Verdict);

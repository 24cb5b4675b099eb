using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Looper.Core.Causal;
using Looper.Core.Experiments;
using Looper.Core.Statistics;

namespace Looper.Core.Personalization;

/// <summary>For whom the arms of an experiment work. Every effect is a gain: positive is better, so of a metric that should be low it is the
/// decrease. Undefined numbers are NaN, null in JSON, and never 0.</summary>
public sealed record EffectContent
{
    /// <summary>Grows when the meaning of a field changes.</summary>
    public int Format { get; init; } = 1;

    public required EffectSettings Settings { get; init; }
    public required ImmutableArray<ArmUnits> Arms { get; init; }

    /// <summary>One per treatment, against the first arm.</summary>
    public required ImmutableArray<ArmEffects> Effects { get; init; }

    /// <summary>Something shows that an effect differs between units: else one arm for everybody is the rule.</summary>
    [JsonIgnore]
    public bool Differs => Effects.Any(e => e.Differs);

    public static string Write(EffectContent content) => JsonSerializer.Serialize(content, ExperimentJson.ReportOptions);

    /// <summary>One that Looper itself stored.</summary>
    /// <exception cref="JsonException">The stored text is none.</exception>
    public static EffectContent Read(string json) =>
        JsonSerializer.Deserialize<EffectContent>(json, ExperimentJson.ReportOptions) ?? throw new JsonException("The stored effects are empty.");
}

/// <summary>Everything they were made from, besides the events themselves.</summary>
public sealed record EffectSettings
{
    /// <summary>Version of the whole analysis; a change of any default or method raises it.</summary>
    public const string Version = "effects-4";

    public string Analysis { get; init; } = Version;
    public required EffectInput Input { get; init; }
    public required string Experiment { get; init; }
    public required string DecisionPoint { get; init; }

    /// <summary>Version whose features and outcomes count.</summary>
    public required int BlueprintVersion { get; init; }

    /// <summary>The moment at which windows counted as open or closed, and events as arrived.</summary>
    public required DateTimeOffset DataUntil { get; init; }

    public required string Definition { get; init; }

    /// <summary>The metric is a share: effects are differences of shares.</summary>
    public required bool IsRate { get; init; }

    public string? UnitOfMeasure { get; init; }
    public required bool LowerIsBetter { get; init; }

    /// <summary>Larger values of the metric were cut here; NaN where nothing was.</summary>
    public double Cap { get; init; } = double.NaN;

    public double Level { get; init; } = 0.95;
    public bool IsSimulated { get; init; }

    /// <summary>Where the probabilities of the arms come from, in words.</summary>
    public required string Propensities { get; init; }

    /// <summary>Features that tell units apart, as served at the first decision.</summary>
    public required ImmutableArray<string> Features { get; init; }

    /// <summary>Features that do not, and why.</summary>
    public ImmutableArray<LeftOutFeature> LeftOut { get; init; } = [];

    /// <summary>Units left out because their first answer was forced, was no arm of the experiment, or was certain.</summary>
    public long UnitsLeftOut { get; init; }

    /// <summary>Share of the units with a value that are used: of more than memory has room for, as many as are drawn by a hash of their names.</summary>
    public double UnitsShare { get; init; } = 1;

    /// <summary>Other outcomes and metrics of the experiment that there was no room to tell of.</summary>
    public ImmutableArray<string> OthersUntold { get; init; } = [];

    /// <summary>Why no policy can be made from these effects; null when one can.</summary>
    public string? NoPolicy { get; init; }
}

public sealed record LeftOutFeature(string Name, string Why);

/// <param name="Option">The option that the arm always gives; null where it gives several.</param>
/// <param name="Units">Units with a known value of the metric.</param>
/// <param name="Open">Units whose window is still open.</param>
/// <param name="Unknown">Units whose value is unknown or outside the metric's filter.</param>
/// <param name="Mean">Mean of the metric, as it is, not signed.</param>
public sealed record ArmUnits(string Key, string Does, string? Option, double Share, long Units, long Open, long Unknown, double Mean)
{
    /// <summary>It had enough units to be compared; rules choose between such arms only.</summary>
    public bool Compared { get; init; }
}

/// <summary>A gain with its interval.</summary>
public sealed record Gain(double Value, double Low, double High)
{
    internal static Gain Of(AverageEffect effect, double level) => effect.At(level) is var i ? new(effect.Value, i.Low, i.High) : null!;

    internal static Gain Of(double value, double error, double level)
    {
        var half = TailProbability.NormalQuantile((1 + level) / 2) * error;
        return error > 0 ? new(value, value - half, value + half) : new(double.NaN, double.NaN, double.NaN);
    }
}

/// <summary>One treatment against the first arm.</summary>
public sealed record ArmEffects
{
    public required string Arm { get; init; }

    /// <summary>Too little data to tell effects apart; everything below is then empty.</summary>
    public Shortage? Shortage { get; init; }

    /// <summary>A plain sentence.</summary>
    public required string Verdict { get; init; }

    /// <summary>Both tests say that effects differ; where they do not, nothing below should be acted on.</summary>
    public bool Differs { get; init; }

    /// <summary>One-sided p-value of the calibration slope; NaN when undefined.</summary>
    public double HeterogeneityP { get; init; } = double.NaN;

    /// <summary>One-sided p-value of the RATE.</summary>
    public double RateP { get; init; } = double.NaN;

    /// <summary>RATE (AUTOC): how much more those gain who are ranked first, than all.</summary>
    public Gain? Rate { get; init; }

    /// <summary>Area between the gain curve and the line of chance.</summary>
    public Gain? Qini { get; init; }

    public Gain? Average { get; init; }

    /// <summary>Share of units that had next to no chance of one of the arms, at most 2 %: their scores weigh most.</summary>
    public double ExtremeShare { get; init; } = double.NaN;

    /// <summary>The average over units for whom both arms were likely.</summary>
    public Gain? Overlapping { get; init; }

    /// <summary>So many that the average rests on few units.</summary>
    [JsonIgnore]
    public bool IsThin => ExtremeShare > EffectAnalysis.MostExtreme;

    /// <summary>The learner with the greatest weight, and all weights.</summary>
    public string Learner { get; init; } = "";

    public ImmutableDictionary<string, double> Weights { get; init; } = ImmutableDictionary<string, double>.Empty;

    /// <summary>Units that judge: each by a model that has not seen it.</summary>
    public long Judged { get; init; }

    public ImmutableArray<CurvePoint> Curve { get; init; } = [];

    /// <summary>Fifths by predicted effect, lowest first; intervals hold for all of them at once.</summary>
    public ImmutableArray<GroupGain> Groups { get; init; } = [];

    /// <summary>Slope of observed on predicted effects: 1 when they differ by as much as predicted.</summary>
    public Gain? Slope { get; init; }

    /// <summary>Histogram of predicted effects: one edge more than counts.</summary>
    public ImmutableArray<double> Edges { get; init; } = [];

    public ImmutableArray<double> Counts { get; init; } = [];

    /// <summary>Share of units with a predicted effect below 0.</summary>
    public double BelowZero { get; init; } = double.NaN;

    /// <summary>By which features effects differ, greatest share first.</summary>
    public ImmutableArray<Driver> Drivers { get; init; } = [];

    /// <summary>Groups told by conditions, on units that did not choose them.</summary>
    public ImmutableArray<SegmentGain> Segments { get; init; } = [];

    /// <summary>What the treatment does to other outcomes, guardrails first.</summary>
    public ImmutableArray<EffectOutcome> Others { get; init; } = [];
}

/// <param name="Share">Share of units treated, those with the greatest predicted effect first.</param>
public sealed record CurvePoint(double Share, double Gain, double Low, double High);

/// <param name="Predicted">Mean predicted effect of the group.</param>
/// <param name="Gain">Observed, doubly robust.</param>
public sealed record GroupGain(double Predicted, Gain Gain, long Units);

/// <param name="Share">Of the variance of predicted effects that lies between ranges of the feature.</param>
/// <param name="Groups">The effect by ranges or levels of it; empty for features that matter little.</param>
public sealed record Driver(string Feature, double Share, ImmutableArray<FeatureGain> Groups);

public sealed record FeatureGain(string Group, double Predicted, Gain Gain, long Units);

/// <param name="Rule">The conditions in words.</param>
/// <param name="Share">Of the judging units.</param>
/// <param name="Difference">Its effect less everyone else's.</param>
/// <param name="P">Of the difference, corrected for how many segments there are (Holm).</param>
public sealed record SegmentGain(string Rule, double Share, Gain Gain, Gain Difference, double P, long Units);

/// <summary>What a treatment does to another outcome than the one that effects are about.</summary>
/// <param name="Margin">Of a guardrail: how much worse it may get, as a fraction of the first arm's mean; NaN for others.</param>
public sealed record EffectOutcome(string Outcome, MetricRole Role, bool IsRate, bool LowerIsBetter, string? UnitOfMeasure, double Margin)
{
    /// <summary>Too few units tell of it; everything below is then empty.</summary>
    public Shortage? Shortage { get; init; }

    public OutcomeGain? Overall { get; init; }

    /// <summary>In the order of the arm's segments, on units that did not choose them.</summary>
    public ImmutableArray<OutcomeGain> Segments { get; init; } = [];
}

/// <param name="Gain">Positive is better. Undefined where fewer than ten units of an arm in the group have another value than the commonest.</param>
/// <param name="Baseline">Mean of the first arm in the group, as it is, not signed.</param>
/// <param name="P">Of no effect, two-sided, corrected (Holm): over the outcomes, in segments over outcomes and segments.</param>
/// <param name="Guardrail">Null where it is no guardrail. Safe: not worse by the margin, at the plan's level, one-sided. Harmed: worse, and P says so.</param>
public sealed record OutcomeGain(Gain Gain, double Baseline, double P, GuardrailState? Guardrail, long Units);

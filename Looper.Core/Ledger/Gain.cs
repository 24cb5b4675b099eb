using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Looper.Core.Policies;

namespace Looper.Core.Ledger;

/// <summary>What the gain of a stretch is measured against.</summary>
public enum GainSource
{
    /// <summary>Nothing: nobody kept the baseline by lot, or too few did.</summary>
    NotMeasured,

    /// <summary>Units that are held out for good.</summary>
    Holdout,

    /// <summary>Units outside the rollout, which keep the baseline for the time being.</summary>
    Rollout,
}

/// <summary>A time in which the same part of the units kept the baseline by lot.</summary>
public sealed record GainStretch
{
    /// <summary>Of its first and last decision.</summary>
    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset Until { get; init; }

    /// <summary>Versions that decided in it.</summary>
    public required int FirstVersion { get; init; }

    public required int LastVersion { get; init; }

    public required GainSource Source { get; init; }

    /// <summary>Why it is not measured; null where it is.</summary>
    public string? WhyNot { get; init; }

    /// <summary>Share of units that kept the baseline by lot, in [0, 1].</summary>
    public double Kept { get; init; }

    /// <summary>Decisions for the others, and the units they were for.</summary>
    public long Decisions { get; init; }

    public long Units { get; init; }

    /// <summary>Decisions for those that kept the baseline, and these units.</summary>
    public long KeptDecisions { get; init; }

    public long KeptUnits { get; init; }

    /// <summary>Mean of the goal over decisions for units that kept the baseline; NaN without any.</summary>
    public double Baseline { get; init; } = double.NaN;

    /// <summary>More than the baseline, in the goal's unit: a decision, and all of the others' decisions together. More is better, also where the outcome should be low.</summary>
    public Estimated PerDecision { get; init; } = Estimated.Undefined;

    public Estimated Total { get; init; } = Estimated.Undefined;

    /// <summary>As a fraction of the baseline.</summary>
    public Estimated Relative { get; init; } = Estimated.Undefined;
}

/// <summary>The gain up to the end of a day or of some days.</summary>
/// <param name="Until">End of the day, UTC.</param>
/// <param name="Decisions">Measured decisions up to then.</param>
/// <param name="Unmeasured">Decisions up to then of stretches that are not measured.</param>
public sealed record GainPoint(DateTimeOffset Until, Estimated Total, long Decisions, long Unmeasured);

/// <summary>A version that was published while the gain was counted.</summary>
public sealed record GainLaunch(int Version, DateTimeOffset At);

/// <summary>What a decision point has brought since it began to decide: its gain over the baseline, in its goal.</summary>
public sealed record Gain
{
    public const double Level = 0.95;

    /// <summary>Units that must have kept the baseline in a stretch, with known outcomes, before anything is said of it.</summary>
    public const int LeastKept = 100;

    /// <summary>Estimator and its version.</summary>
    public required string Method { get; init; }

    public required DateTimeOffset MeasuredAt { get; init; }

    /// <summary>An outcome's name, or <c>goal</c> for the weighted sum of several.</summary>
    public required string Goal { get; init; }

    /// <summary>It is a weighted sum, which is like that of no other decision point.</summary>
    public bool IsWeighted { get; init; }

    public string? UnitOfMeasure { get; init; }

    /// <summary>A share of decisions rather than a mean.</summary>
    public bool IsRate { get; init; }

    /// <summary>The outcome should be low: the gain is how much less there was.</summary>
    public bool LowerIsBetter { get; init; }

    /// <summary>Of the first and last decision counted; null without any.</summary>
    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Until { get; init; }

    /// <summary>Decisions for units that were not held out, in stretches that are measured, and in others.</summary>
    public long Decisions { get; init; }

    public long Unmeasured { get; init; }

    /// <summary>Over all stretches that are measured.</summary>
    public Estimated PerDecision { get; init; } = Estimated.Undefined;

    public Estimated Total { get; init; } = Estimated.Undefined;

    /// <summary>Why some decisions are in no stretch; null where all are in one.</summary>
    public string? Beyond { get; init; }

    /// <summary>As a fraction of the baseline.</summary>
    public Estimated Relative { get; init; } = Estimated.Undefined;

    public double Baseline { get; init; } = double.NaN;

    /// <summary>Why there is no total; null where there is.</summary>
    public string? WhyNot { get; init; }

    /// <summary>What was counted of decisions that could not be read again, and is in all figures; null where all could.</summary>
    public CarriedGain? Carried { get; init; }

    public ImmutableArray<GainStretch> Stretches { get; init; } = [];

    /// <summary>The total as it grew, in time order; at most 240 points. Empty in a list.</summary>
    public ImmutableArray<GainPoint> Course { get; init; } = [];

    /// <summary>Versions published so far. Empty in a list.</summary>
    public ImmutableArray<GainLaunch> Launches { get; init; } = [];

    [JsonIgnore]
    public bool IsMeasured => WhyNot is null;
}

/// <param name="Points">See <see cref="Gain.Course"/>.</param>
/// <param name="Launches">See <see cref="Gain.Launches"/>.</param>
public sealed record GainCourse(ImmutableArray<GainPoint> Points, ImmutableArray<GainLaunch> Launches);

/// <summary>Decisions whose counts were taken over from an earlier measurement: retention has removed some of them.</summary>
/// <param name="Since">Of the first one.</param>
/// <param name="Until">Decisions from then on were read.</param>
public sealed record CarriedGain(DateTimeOffset Since, DateTimeOffset Until);

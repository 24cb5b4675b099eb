using System.Collections.Immutable;

namespace Looper.Core.Experiments;

public enum NoveltyVerdict
{
    NotEnoughData,

    /// <summary>No change with time that stands out.</summary>
    NoSign,

    /// <summary>The effect comes nearer to none.</summary>
    WearsOff,

    /// <summary>The effect moves away from none.</summary>
    Grows,
}

/// <summary>The effect on one goal by the time since a unit's first decision, on units that were followed through all of it.</summary>
public sealed record NoveltyFigures
{
    public required NoveltyVerdict Verdict { get; init; }

    /// <summary>What it says, or why it says nothing yet.</summary>
    public required string Sentence { get; init; }

    /// <summary>Days in a stage.</summary>
    public required int StageDays { get; init; }

    /// <summary>Units followed through all stages.</summary>
    public required long BaselineUnits { get; init; }

    public required long ArmUnits { get; init; }

    /// <summary>In order of time; empty below the units needed.</summary>
    public ImmutableArray<NoveltyStage> Stages { get; init; } = [];

    /// <summary>Mean effect of the first two stages, in the metric's unit; NaN below the units needed.</summary>
    public double Early { get; init; } = double.NaN;

    /// <summary>The same of the last two.</summary>
    public double Late { get; init; } = double.NaN;

    /// <summary>Change of the effect per day, in the metric's unit; NaN while it cannot be said, likewise the rest.</summary>
    public double PerDay { get; init; } = double.NaN;

    public double Low { get; init; } = double.NaN;
    public double High { get; init; } = double.NaN;
    public double P { get; init; } = double.NaN;

    /// <summary>Over all goals and arms (Holm).</summary>
    public double AdjustedP { get; init; } = double.NaN;

    public Shortage? Shortage { get; init; }

    /// <summary>Estimator, and the reading that gave the interval and p.</summary>
    public required string Method { get; init; }
}

/// <summary>One stage of time after a unit's first decision.</summary>
/// <param name="FromDay">First day of the stage; a unit's first 24 hours are day 1.</param>
/// <param name="UntilDay">Its last day.</param>
/// <param name="Baseline">The baseline's mean of the stage.</param>
/// <param name="Estimate">Arm − baseline; NaN where nothing varies, likewise its interval.</param>
public sealed record NoveltyStage(int FromDay, int UntilDay, double Baseline, double Estimate, double Low, double High);

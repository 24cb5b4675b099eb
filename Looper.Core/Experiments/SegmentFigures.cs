using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>One arm against the baseline on one outcome, inside each segment of one feature as served at the first decision.</summary>
public sealed record SegmentFigures
{
    public required string Feature { get; init; }
    public required string Outcome { get; init; }
    public required string Arm { get; init; }
    public required ImmutableArray<SegmentEffect> Segments { get; init; }

    /// <summary>p of the effect being the same in all segments; NaN with fewer than two that have enough units.</summary>
    public double DifferP { get; init; } = double.NaN;

    /// <summary>The same, taking into account how many features were looked at (Benjamini–Hochberg).</summary>
    public double AdjustedDifferP { get; init; } = double.NaN;
}

/// <summary>The effect inside one segment, on the absolute scale with the plan's reading.</summary>
public sealed record SegmentEffect
{
    /// <summary>What units of the segment share: <c>NL</c>, <c>yes</c>, <c>12 to 40</c>, <c>missing</c>, <c>other</c>.</summary>
    public required string Segment { get; init; }

    public required long BaselineUnits { get; init; }
    public required long ArmUnits { get; init; }

    /// <summary>NaN below the units needed to show it, likewise the rest.</summary>
    public double Baseline { get; init; } = double.NaN;

    public double Estimate { get; init; } = double.NaN;
    public double StandardError { get; init; } = double.NaN;

    /// <summary>At the plan's level; for a segment that stands out after the correction, at the level that keeps the share of false
    /// intervals among those (Benjamini and Yekutieli 2005).</summary>
    public double Low { get; init; } = double.NaN;

    public double High { get; init; } = double.NaN;

    /// <summary>Relative to the segment's own baseline, as a fraction.</summary>
    public double Relative { get; init; } = double.NaN;

    public double P { get; init; } = double.NaN;

    /// <summary>Over all segments of all features of this outcome (Benjamini–Hochberg).</summary>
    public double AdjustedP { get; init; } = double.NaN;

    public required EffectVerdict Verdict { get; init; }
    public Shortage? Shortage { get; init; }

    /// <summary>p of the segment's units having the planned shares, corrected over all segments; NaN below a hundred units.</summary>
    public double SampleRatioP { get; init; } = double.NaN;

    /// <summary>Largest distance of an arm's share in the segment from its plan, as a fraction; NaN in reports made before it was kept.</summary>
    public double SampleRatioGap { get; init; } = double.NaN;

    /// <summary>The segment's shares are not those planned, by the bounds of the whole.</summary>
    [JsonIgnore]
    public bool IsSampleRatioBroken => SampleRatioP < SampleRatio.Alarm && !(SampleRatioGap < SampleRatio.SmallestShare);
}

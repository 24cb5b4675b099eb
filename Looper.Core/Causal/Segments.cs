using Looper.Core.Learning;
using Looper.Core.Statistics;

namespace Looper.Core.Causal;

/// <summary>A group of units told by conditions, with the effect measured on units that did not choose the conditions.</summary>
/// <param name="Conditions">All must hold.</param>
/// <param name="Share">Share of the judged units.</param>
/// <param name="Effect">Mean doubly robust score.</param>
/// <param name="Difference">Its effect less that of everyone else.</param>
/// <param name="DifferenceError">Standard error of the difference.</param>
/// <param name="P">Two-sided p-value of the difference, Holm-corrected over the segments.</param>
public sealed record Segment(IReadOnlyList<SegmentCondition> Conditions, double Share, AverageEffect Effect, double Difference, double DifferenceError, double P)
{
    /// <summary>Whether a unit meets all conditions.</summary>
    /// <param name="units">Features of all units.</param>
    /// <param name="unit">Its row.</param>
    public bool Contains(DataSet units, int unit) => Contains(Conditions, units, unit);

    internal static bool Contains(IReadOnlyList<SegmentCondition> conditions, DataSet units, int unit)
    {
        foreach (var c in conditions) if (PolicyTree.Holds(units.Values[c.Column][unit], c.Cut, units.Columns[c.Column].Kind) != c.Holds) return false;
        return true;
    }
}

/// <summary>One condition of a segment.</summary>
/// <param name="Column">The feature's column.</param>
/// <param name="Cut">A number: at or below the cut. A category: equal to the code.</param>
/// <param name="Holds">Whether the condition or its opposite is meant.</param>
public readonly record struct SegmentCondition(int Column, double Cut, bool Holds);

/// <summary>Honest segments: a small tree on the estimated effects of some units, its leaves judged on others.</summary>
public static class Segments
{
    private const int Depth = 2;

    /// <summary>The segments, largest effect first; one segment without conditions when the estimates do not vary.</summary>
    /// <param name="units">Features of all units.</param>
    /// <param name="estimated">τ̂ by a model that has not seen the outcomes of the judged units.</param>
    /// <param name="choosing">Units that choose the conditions.</param>
    /// <param name="judging">Units that measure the effects; none of the former.</param>
    /// <param name="scores">Γ of all units.</param>
    public static Segment[] Of(DataSet units, double[] estimated, int[] choosing, int[] judging, double[] scores)
    {
        var leaves = new List<List<SegmentCondition>>();
        var grower = new SegmentTree(units.Take(choosing), [.. choosing.Select(i => estimated[i])]);
        grower.Grow(Depth, leaves);
        var segments = leaves.Select(conditions => Judge(units, conditions, judging, scores)).ToArray();
        var p = MultipleComparisons.Holm([.. segments.Select(s => s.P)]);
        return [.. segments.Select((s, k) => s with { P = p[k] }).OrderByDescending(s => s.Effect.Value)];
    }

    private static Segment Judge(DataSet units, List<SegmentCondition> conditions, int[] judging, double[] scores)
    {
        var inside = judging.Where(i => Segment.Contains(conditions, units, i)).Select(i => scores[i]).ToArray();
        var outside = judging.Where(i => !Segment.Contains(conditions, units, i)).Select(i => scores[i]).ToArray();
        var (own, other) = (AverageEffect.Of(inside), AverageEffect.Of(outside));
        var (difference, error) = (own.Value - other.Value, Math.Sqrt(own.StandardError * own.StandardError + other.StandardError * other.StandardError));
        var p = error > 0 ? 2 * TailProbability.Normal(Math.Abs(difference) / error) : double.NaN;
        return new(conditions, inside.Length / (double)Math.Max(1, judging.Length), own, difference, error, p);
    }
}

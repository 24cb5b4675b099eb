using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bandits;

/// <summary>Which products of a number of the context and one of the candidate a shared model sees: only they can say that other candidates suit other units.</summary>
/// <remarks>All, where they fit; else those most correlated, over the rows given, with what the ridge regression without products leaves of the reward.</remarks>
public static class DesignProducts
{
    private const int MostRows = 5_000;

    /// <summary>The design with its products.</summary>
    /// <param name="design">Without products.</param>
    /// <param name="isCandidate">Per column: it describes the candidate.</param>
    /// <param name="rows">Rows of the design, in the order of time.</param>
    /// <param name="rewards">One per row.</param>
    public static BanditDesign Choose(BanditDesign design, ImmutableArray<bool> isCandidate, IReadOnlyList<double[]> rows, IReadOnlyList<double> rewards)
    {
        ImmutableArray<(int, int)> all = [.. Places(design, isCandidate, false).SelectMany(i => Places(design, isCandidate, true).Select(j => (i, j)))];
        var room = BanditDesign.MostWidth - design.Width;
        if (all.Length <= room || rows.Count == 0) return design.With([.. all.Take(room)]);
        var first = Math.Max(0, rows.Count - MostRows);
        var sums = new RidgeStatistics(design.Width);
        for (var i = first; i < rows.Count; i++) sums.Add(rows[i], rewards[i]);
        var posterior = RidgePosterior.Of(sums, new BanditSettings().Ridge, sums.Reward / sums.Weight);
        double[] left = [.. Enumerable.Range(first, rows.Count - first).Select(i => rewards[i] - posterior.Mean(rows[i]))];
        return design.With([.. all.Select((p, k) => (Pair: p, Place: k, Strength: Strength(p, rows, first, left))).OrderByDescending(p => p.Strength).ThenBy(p => p.Place).Take(room).OrderBy(p => p.Place).Select(p => p.Pair)]);
    }

    // numbers as such and levels; that something is missing multiplies nothing
    private static IEnumerable<int> Places(BanditDesign design, ImmutableArray<bool> isCandidate, bool ofCandidate)
    {
        var at = 1;
        for (var c = 0; c < design.Design.Length; c++)
        {
            var column = design.Design[c];
            for (var k = 0; isCandidate[c] == ofCandidate && k < (column.IsCategory ? column.Width : Math.Min(1, column.Width)); k++) yield return at + k;
            at += column.Width;
        }
    }

    private static double Strength((int I, int J) pair, IReadOnlyList<double[]> rows, int first, double[] left)
    {
        var (products, mean) = (new double[left.Length], 0.0);
        for (var i = 0; i < left.Length; i++) mean += products[i] = rows[first + i][pair.I] * rows[first + i][pair.J];
        mean /= left.Length;
        var (square, cross) = (0.0, 0.0);
        for (var i = 0; i < left.Length; i++)
        {
            var centred = products[i] - mean;
            (square, cross) = (square + centred * centred, cross + centred * left[i]);
        }
        return square > 0 ? Math.Abs(cross) / Math.Sqrt(square) : 0;
    }
}

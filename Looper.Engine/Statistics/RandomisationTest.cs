using Looper.Core.Numerics;

namespace Looper.Core.Statistics;

/// <summary>p-value that rests on nothing but how the arms were drawn: for experiments with a handful of clusters, where no normal law helps.</summary>
public static class RandomisationTest
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "randomisation-1";

    /// <summary>Re-draws when nothing else is asked for.</summary>
    public const int Draws = 10_000;

    /// <summary>Chance of a difference at least this large had the same clusters been given to the arms another way.</summary>
    /// <param name="clusters">All clusters; not written to.</param>
    /// <param name="treated">Whether each had treatment; same length.</param>
    /// <param name="strata">Group of each inside which arms were drawn (day of week × hour, region); empty when there was one.</param>
    /// <param name="seed">Stored with the result.</param>
    /// <param name="draws">Re-draws, at least 1.</param>
    /// <returns>In (0, 1]; NaN when an arm is empty. Two-sided.</returns>
    /// <remarks>(1 + #{|Δ*| ≥ |Δ|})/(1 + draws) with the number treated in each stratum kept: Fisher 1935; the 1 counts the draw that happened
    /// (Phipson and Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9:39). O(draws · clusters).</remarks>
    public static double P(ReadOnlySpan<Cluster> clusters, ReadOnlySpan<bool> treated, ReadOnlySpan<int> strata, long seed, int draws = Draws)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(treated.Length, clusters.Length);
        var seen = Math.Abs(Difference(clusters, treated));
        if (double.IsNaN(seen)) return double.NaN;
        var groups = Groups(clusters.Length, strata);
        var arms = treated.ToArray();
        var random = new Philox(seed, "randomisation");
        var asLarge = 1;
        for (var draw = 0; draw < draws; draw++)
        {
            foreach (var group in groups) Redraw(arms, group, random);
            if (Math.Abs(Difference(clusters, arms)) >= seen * (1 - 1e-12)) asLarge++;
        }

        return asLarge / (draws + 1.0);
    }

    private static double Difference(ReadOnlySpan<Cluster> clusters, ReadOnlySpan<bool> treated)
    {
        double n0 = 0, n1 = 0, y0 = 0, y1 = 0;
        for (var i = 0; i < clusters.Length; i++)
        {
            if (treated[i]) (n1, y1) = (n1 + clusters[i].Units, y1 + clusters[i].Sum);
            else (n0, y0) = (n0 + clusters[i].Units, y0 + clusters[i].Sum);
        }

        return y1 / n1 - y0 / n0;
    }

    private static int[][] Groups(int count, ReadOnlySpan<int> strata)
    {
        if (strata.IsEmpty) return [[.. Enumerable.Range(0, count)]];
        var keys = strata.ToArray();
        return [.. Enumerable.Range(0, count).GroupBy(i => keys[i]).Select(group => group.ToArray())];
    }

    private static void Redraw(bool[] arms, int[] group, Philox random)
    {
        for (var i = group.Length - 1; i > 0; i--)
        {
            var j = random.Below(i + 1);
            (arms[group[i]], arms[group[j]]) = (arms[group[j]], arms[group[i]]);
        }
    }
}

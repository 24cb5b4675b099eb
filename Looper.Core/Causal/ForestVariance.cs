using Looper.Core.Statistics;

namespace Looper.Core.Causal;

/// <summary>A forest's estimate for one unit, and its variance from the spread between pairs of trees.</summary>
/// <remarks>Bootstrap of little bags (Athey, Tibshirani and Wager 2019, section 4.1): trees of a pair share their half of the units; the
/// variance of pair means, less the noise within pairs, is kept positive by the mean of a normal posterior cut at 0 under a flat prior.</remarks>
internal static class ForestVariance
{
    /// <param name="trees">Means of the leaf that the unit falls into, a tree; W is NaN for a tree that does not count. Trees 2g and 2g + 1 are a pair.</param>
    public static (double Effect, double Variance) Of(ReadOnlySpan<LeafMeans> trees)
    {
        var (sum, count) = (default(LeafMeans), 0);
        foreach (var leaf in trees)
        {
            if (double.IsNaN(leaf.W)) continue;
            sum += leaf;
            count++;
        }
        if (count == 0) return (double.NaN, double.NaN);
        var mean = sum * (1.0 / count);
        var (effect, spread) = (mean.Effect, mean.WW - mean.W * mean.W);
        var level = mean.Y - effect * mean.W;
        double between = 0, total = 0;
        var pairs = 0;
        for (var g = 0; g + 1 < trees.Length; g += 2)
        {
            if (double.IsNaN(trees[g].W) || double.IsNaN(trees[g + 1].W)) continue;
            double a = Term(trees[g]), b = Term(trees[g + 1]);
            between += (a + b) * (a + b) / 4;
            total += (a * a + b * b) / 2;
            pairs++;
        }
        if (pairs < 2) return (effect, double.NaN);
        (between, total) = (between / pairs, total / pairs);
        return (effect, Positive(between, total - between, pairs));

        double Term(LeafMeans leaf) =>
            ((leaf.WY - effect * leaf.WW - level * leaf.W) - mean.W * (leaf.Y - effect * leaf.W - level)) / spread;
    }

    private static double Positive(double between, double noise, int pairs)
    {
        var (estimate, error) = (between - noise, Math.Max(between, noise) * Math.Sqrt(2.0 / pairs));
        if (!(error > 0)) return Math.Max(0, estimate);
        var ratio = estimate / error;
        return estimate + error * TailProbability.NormalDensity(ratio) / TailProbability.Normal(-ratio);
    }
}

using Looper.Core.Numerics;

namespace Looper.Core.Tests.Statistics;

/// <summary>Values with a known truth.</summary>
internal static class Draw
{
    public static double[] Normals(int n, Philox random, double mean = 0, double sd = 1) => [.. Enumerable.Range(0, n).Select(_ => mean + sd * random.Normal())];

    public static double[] Conversions(int n, Philox random, double rate) => [.. Enumerable.Range(0, n).Select(_ => random.Uniform() < rate ? 1.0 : 0.0)];

    /// <summary>band(c, R) of statistics.md 0.8: a right method leaves it on 1 seed in 1,000.</summary>
    public static (double Low, double High) Band(double share, int replicates)
    {
        var half = 3.3 * Math.Sqrt(share * (1 - share) / replicates);
        return (share - half, share + half);
    }

    public static void InBand(double expected, int replicates, double seen)
    {
        var (low, high) = Band(expected, replicates);
        Assert.InRange(seen, low, high);
    }
}

using MathNet.Numerics.Distributions;

namespace Looper.Core.Models;

/// <summary>Mean of a per-row quantity whose rows come in clusters (several decisions of one unit are not independent).</summary>
/// <param name="Mean">Over rows; NaN without any.</param>
/// <param name="Low">Lower end of the 95 % interval; NaN below two units.</param>
/// <param name="High">Upper end.</param>
/// <param name="Units">Number of clusters.</param>
/// <remarks>Variance of a mean of cluster sums (Cameron &amp; Miller 2015, "A practitioner's guide to cluster-robust inference", eq. 6, with the
/// factor G/(G−1)): V = G/(G−1)·Σ_g (Σ_{i∈g}(x_i − x̄))² / n²; interval x̄ ± t(G−1, 0.975)·√V. With one row a unit this is the ordinary t
/// interval. Approximate for heavy tails and few units.</remarks>
public readonly record struct ClusteredMean(double Mean, double Low, double High, int Units)
{
    /// <param name="values">One finite value per row.</param>
    /// <param name="units">The row's cluster.</param>
    public static ClusteredMean Of(ReadOnlySpan<double> values, ReadOnlySpan<ulong> units)
    {
        if (values.Length != units.Length) throw new ArgumentException("Give one unit per value.", nameof(units));
        var mean = 0.0;
        for (var i = 0; i < values.Length; i++) mean += (values[i] - mean) / (i + 1);
        if (values.IsEmpty) return new(double.NaN, double.NaN, double.NaN, 0);
        var sums = new Dictionary<ulong, double>();
        for (var i = 0; i < values.Length; i++) sums[units[i]] = sums.GetValueOrDefault(units[i]) + values[i] - mean;
        var g = sums.Count;
        if (g < 2) return new(mean, double.NaN, double.NaN, g);
        var squares = 0.0;
        foreach (var sum in sums.Values) squares += sum * sum;
        var half = StudentT.InvCDF(0, 1, g - 1, 0.975) * Math.Sqrt(squares * g / (g - 1)) / values.Length;
        return new(mean, mean - half, mean + half, g);
    }
}

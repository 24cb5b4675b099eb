using System.Runtime.Intrinsics;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bayesian;

/// <summary>What a leaf's rows say of its value: r = value + noise.</summary>
/// <param name="Sum">Σr.</param>
/// <param name="Rows">How many.</param>
internal readonly record struct LeafSums(double Sum, double Rows)
{
    public LeafSums(Vector128<double> both) : this(both[0], both[1]) { }

    public static LeafSums operator +(LeafSums a, LeafSums b) => new(a.Sum + b.Sum, a.Rows + b.Rows);

    public static LeafSums operator -(LeafSums a, LeafSums b) => new(a.Sum - b.Sum, a.Rows - b.Rows);

    /// <summary>Log density of the rows over that at value 0, the value integrated out under N(0, spread).</summary>
    public double Evidence(double spread, double variance)
    {
        double b = Sum / variance, inside = 1 + spread * Rows / variance;
        return 0.5 * (spread * b * b / inside - Math.Log(inside));
    }

    /// <summary>The value given the rows.</summary>
    public double Draw(double spread, double variance, Philox random)
    {
        var kept = spread / (1 + spread * Rows / variance);
        return kept * Sum / variance + Math.Sqrt(kept) * random.Normal();
    }
}

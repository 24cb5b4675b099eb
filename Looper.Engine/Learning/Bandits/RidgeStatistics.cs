using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bandits;

/// <summary>All that a ridge regression of rewards on rows needs to know of the rows of one option: sums, so they add.</summary>
/// <remarks>Not thread safe. The same rows in the same order give the same bits; merged sums differ from those in one go by rounding only.</remarks>
public sealed class RidgeStatistics
{
    /// <param name="width">d: numbers in a row, the constant included.</param>
    public RidgeStatistics(int width) => (Width, Squares, Rows, Products) = (width, new double[width * width], new double[width], new double[width]);

    /// <summary>d.</summary>
    public int Width { get; }

    /// <summary>Σ w·xxᵀ, d × d, row-major; only the lower half is kept.</summary>
    public double[] Squares { get; }

    /// <summary>Σ w·x.</summary>
    public double[] Rows { get; }

    /// <summary>Σ w·r·x.</summary>
    public double[] Products { get; }

    /// <summary>Σ w.</summary>
    public double Weight { get; private set; }

    /// <summary>Σ w·r.</summary>
    public double Reward { get; private set; }

    /// <summary>Σ w·r².</summary>
    public double SquaredReward { get; private set; }

    /// <summary>Takes in one row.</summary>
    /// <param name="x">d finite numbers.</param>
    /// <param name="reward">Finite, in the unit of the goal.</param>
    /// <param name="weight">At least 0.</param>
    public void Add(ReadOnlySpan<double> x, double reward, double weight = 1)
    {
        for (var i = 0; i < Width; i++) Vectors.AddScaled(Squares.AsSpan(i * Width, i + 1), weight * x[i], x);
        Vectors.AddScaled(Rows, weight, x);
        Vectors.AddScaled(Products, weight * reward, x);
        Weight += weight;
        Reward += weight * reward;
        SquaredReward += weight * reward * reward;
    }

    /// <summary>Takes in the rows of another.</summary>
    /// <param name="other">Of the same width.</param>
    /// <param name="effect">θ > 0: each row x with reward r counts θ² times with reward r/θ, which is the row θ·x with r. 1 takes them as they are.</param>
    public void Add(RidgeStatistics other, double effect = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.Width, Width);
        var times = effect * effect;
        Vectors.AddScaled(Squares, times, other.Squares);
        Vectors.AddScaled(Rows, times, other.Rows);
        Vectors.AddScaled(Products, effect, other.Products);
        Totals(times * other.Weight, effect * other.Reward, other.SquaredReward);
    }

    /// <summary>Lets everything so far count for less.</summary>
    /// <param name="share">What is left of every weight, in [0, 1].</param>
    public void Fade(double share)
    {
        foreach (var sums in (ReadOnlySpan<double[]>)[Squares, Rows, Products])
            for (var i = 0; i < sums.Length; i++) sums[i] *= share;
        Totals(Weight * (share - 1), Reward * (share - 1), SquaredReward * (share - 1));
    }

    internal void Restore(double weight, double reward, double squared) => (Weight, Reward, SquaredReward) = (weight, reward, squared);

    private void Totals(double weight, double reward, double squared)
    {
        Weight += weight;
        Reward += reward;
        SquaredReward += squared;
    }
}

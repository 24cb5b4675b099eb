using System.Collections.Immutable;

namespace Looper.Core.Learning.Bandits;

/// <summary>What a bandit has learned of every option: sums of the rewarded rows, so those of two stretches of time, or two nodes, add.</summary>
/// <remarks>Not thread safe.</remarks>
public sealed class BanditStatistics
{
    /// <param name="options">n, at least 1.</param>
    /// <param name="width">d: numbers in a row, the constant included.</param>
    public BanditStatistics(int options, int width) => Options = [.. Enumerable.Range(0, options).Select(_ => new RidgeStatistics(width))];

    /// <summary>One per option.</summary>
    public ImmutableArray<RidgeStatistics> Options { get; }

    /// <summary>Rows taken in, by weight.</summary>
    public double Weight => Options.Sum(o => o.Weight);

    /// <summary>Mean reward over all options; NaN without rows.</summary>
    public double MeanReward => Options.Sum(o => o.Reward) / Weight;

    /// <summary>Standard deviation of the rewards of all options together, divisor n; NaN without rows.</summary>
    public double RewardDeviation => Math.Sqrt(Math.Max(0, Options.Sum(o => o.SquaredReward) / Weight - MeanReward * MeanReward));

    /// <summary>Takes in one rewarded decision.</summary>
    /// <param name="option">Index of what was answered.</param>
    /// <param name="x">d finite numbers.</param>
    /// <param name="reward">Finite.</param>
    /// <param name="weight">At least 0.</param>
    public void Add(int option, ReadOnlySpan<double> x, double reward, double weight = 1) => Options[option].Add(x, reward, weight);

    /// <summary>Takes in what another learned of the same options.</summary>
    public void Add(BanditStatistics other)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.Options.Length, Options.Length);
        for (var a = 0; a < Options.Length; a++) Options[a].Add(other.Options[a]);
    }

    /// <inheritdoc cref="RidgeStatistics.Fade"/>
    public void Fade(double share)
    {
        foreach (var option in Options) option.Fade(share);
    }
}

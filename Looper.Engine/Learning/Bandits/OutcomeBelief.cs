using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bandits;

/// <summary>What is believed of one outcome, a reward or a harm, under every option: a ridge regression each on the rows where it is known.</summary>
/// <remarks>Estimand: E[value | row, option], linear in the row. A policy is given as n × d sums Φ_a = mean over rows of p(a | x)·x; its mean is Σ_a Φ_aᵀθ̂_a
/// with variance Σ_a σ_a²·Φ_aᵀA_a⁻¹Φ_a, the options being independent. σ_a² is the variance of the option's values around their mean, drawn to that of all
/// options by ten rows: it counts what the row explains as noise, so intervals are rather too wide. Candidates share one regression (<see cref="OfShared"/>), so there n is 1; of a
/// ranking each place counts as a row by itself, with the noise of all together.</remarks>
public sealed class OutcomeBelief
{
    /// <summary>Rows with a known value before which nothing counts as known.</summary>
    public const int FewestRows = 50;

    private const double PooledRows = 10;

    private readonly ImmutableArray<RidgePosterior> _posteriors;
    private readonly ImmutableArray<double> _variances;

    private OutcomeBelief(ImmutableArray<RidgePosterior> posteriors, ImmutableArray<double> variances, double deviation)
    {
        (_posteriors, _variances, Deviation) = (posteriors, variances, deviation);
        Weights = [.. posteriors.Select(p => p.Weights())];
    }

    /// <summary>Standard deviation over all options together.</summary>
    public double Deviation { get; }

    /// <summary>What the bands of places bring, of the first; 1 alone where there are none.</summary>
    public ImmutableArray<double> Effects { get; private init; } = [1];

    /// <summary>Per option d weights: x·w is the value expected.</summary>
    public ImmutableArray<double[]> Weights { get; }

    /// <summary>Fits.</summary>
    /// <param name="sums">Not kept.</param>
    /// <param name="ridge">λ of <see cref="BanditSettings"/>.</param>
    /// <returns>Null when too few rows are known, or all are alike: nothing was reported, or nothing can be told from what was.</returns>
    public static OutcomeBelief? Of(BanditStatistics sums, double ridge)
    {
        if (sums.Weight < FewestRows || !(sums.RewardDeviation > 0)) return null;
        var pooled = sums.RewardDeviation * sums.RewardDeviation;
        return new(
            [.. sums.Options.Select(o => RidgePosterior.Of(o, ridge, sums.MeanReward))],
            [.. sums.Options.Select(o => (Math.Max(0, o.Weight > 0 ? o.SquaredReward - o.Reward * o.Reward / o.Weight : 0) + PooledRows * pooled) / (o.Weight + PooledRows))],
            sums.RewardDeviation);
    }

    /// <summary>Fits one regression that all candidates share, of their worth at the first place.</summary>
    /// <param name="byBand">Sums of each band of places (<see cref="PlaceEffects"/>), or of all rows where candidates are picked; not kept.</param>
    /// <inheritdoc cref="Of"/>
    public static OutcomeBelief? OfShared(BanditStatistics byBand, double ridge)
    {
        if (byBand.Weight < FewestRows || !(byBand.RewardDeviation > 0)) return null;
        var effects = PlaceEffects.Of(byBand, ridge);
        var top = PlaceEffects.AtTheTop(byBand, effects.AsSpan());
        return new([RidgePosterior.Of(top, ridge, top.Reward / top.Weight)], [byBand.RewardDeviation * byBand.RewardDeviation], byBand.RewardDeviation) { Effects = effects };
    }

    /// <summary>Standard error of an option's mean over rows of this mean.</summary>
    /// <param name="option">Its index.</param>
    /// <param name="meanRow">d numbers.</param>
    /// <param name="scratch">At least d numbers, overwritten.</param>
    public double Doubt(int option, ReadOnlySpan<double> meanRow, Span<double> scratch) => Math.Sqrt(_variances[option]) * _posteriors[option].Deviation(meanRow, scratch);

    /// <summary>Mean under a policy.</summary>
    /// <param name="sums">Φ, n × d by rows.</param>
    public double Mean(ReadOnlySpan<double> sums)
    {
        var (d, total) = (Weights[0].Length, 0.0);
        for (var a = 0; a < Weights.Length; a++) total += Vectors.Dot(sums.Slice(a * d, d), Weights[a]);
        return total;
    }

    /// <summary>Covariance of the means of two policies; of one with itself its variance.</summary>
    /// <param name="one">Φ, n × d by rows.</param>
    /// <param name="other">Φ, n × d by rows.</param>
    public double Covariance(ReadOnlySpan<double> one, ReadOnlySpan<double> other)
    {
        var (d, total) = (Weights[0].Length, 0.0);
        for (var a = 0; a < Weights.Length; a++) total += _variances[a] * _posteriors[a].Covariance(one.Slice(a * d, d), other.Slice(a * d, d));
        return total;
    }
}

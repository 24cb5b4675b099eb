using System.Collections.Immutable;

namespace Looper.Core.Learning.Bandits;

/// <summary>Explores by the estimates of one ridge regression per option.</summary>
/// <remarks>Estimand: E[reward | row, option], linear in the row. Estimates are divided by the reward's range, so that the settings mean the same everywhere.
/// O(options · d²) per decision, O(options · d) where no deviation is asked for.</remarks>
public sealed class LinearBandit : IBandit
{
    private const int OnStack = 512;
    private readonly ImmutableArray<RidgePosterior> _posteriors;
    private readonly BanditSettings _settings;
    private readonly double _range, _learning;

    private LinearBandit(ImmutableArray<RidgePosterior> posteriors, BanditSettings settings, double range, double learning) =>
        (_posteriors, _settings, _range, _learning) = (posteriors, settings, range, learning);

    /// <summary>Fits.</summary>
    /// <param name="statistics">Not kept. Without rows every option is alike.</param>
    /// <param name="settings">Of an algorithm that looks at estimates of linear models.</param>
    /// <param name="penalties">Per option d numbers: x·penalty is taken off its estimate. Empty for none.</param>
    public static LinearBandit Of(BanditStatistics statistics, BanditSettings settings, ImmutableArray<double[]> penalties = default)
    {
        var (weight, centre) = (statistics.Weight, statistics.Weight > 0 ? statistics.MeanReward : 0);
        var range = double.IsNaN(settings.RewardRange) ? 2 * (weight > 0 ? statistics.RewardDeviation : 0) : settings.RewardRange;
        var posteriors = statistics.Options.Select(o => RidgePosterior.Of(o, settings.Ridge, centre));
        if (!penalties.IsDefaultOrEmpty) posteriors = posteriors.Zip(penalties, (p, penalty) => p.Less(penalty));
        return new([.. posteriors], settings, range > 0 ? range : 1,
            Math.Min(ExplorationRules.MostLearning, settings.Learning * Math.Sqrt(weight)));
    }

    /// <inheritdoc/>
    public int Distribute(ReadOnlySpan<double> x, Span<double> chances)
    {
        var n = _posteriors.Length;
        Span<double> estimates = n <= OnStack ? stackalloc double[n] : new double[n], deviations = n <= OnStack ? stackalloc double[n] : new double[n];
        for (var a = 0; a < n; a++) estimates[a] = _posteriors[a].Mean(x) / _range;
        if (_settings.Algorithm is BanditAlgorithm.LinUcb or BanditAlgorithm.Thompson) Deviations(x, deviations);
        if (_settings.Algorithm == BanditAlgorithm.Thompson) Sample(estimates, deviations, _settings.PosteriorScale, chances);
        else ExplorationRules.Apply(_settings, _learning, estimates, deviations, chances);
        ExplorationRules.Mix(chances, _settings.Explore);
        return ExplorationRules.Best(estimates);
    }

    /// <summary>How likely each option is to be the best for a row, under the posteriors and whatever algorithm draws: no floor, no even share.</summary>
    /// <param name="x">As learned from.</param>
    /// <param name="noise">Standard deviation of a reward around its mean, in its own unit; above 0.</param>
    /// <param name="chances">One per option, overwritten; sums to 1.</param>
    public void ChancesOfBest(ReadOnlySpan<double> x, double noise, Span<double> chances)
    {
        Span<double> means = new double[_posteriors.Length], deviations = new double[_posteriors.Length];
        for (var a = 0; a < means.Length; a++) means[a] = _posteriors[a].Mean(x);
        Deviations(x, deviations);
        Sample(means, deviations, noise, chances);
    }

    private static void Sample(ReadOnlySpan<double> means, Span<double> deviations, double noise, Span<double> chances)
    {
        for (var a = 0; a < deviations.Length; a++) deviations[a] *= noise;
        BestChance.Write(means, deviations, chances);
    }

    private void Deviations(ReadOnlySpan<double> x, Span<double> deviations)
    {
        Span<double> scratch = x.Length <= OnStack ? stackalloc double[x.Length] : new double[x.Length];
        for (var a = 0; a < deviations.Length; a++) deviations[a] = _posteriors[a].Deviation(x, scratch);
    }
}

using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bandits;

/// <summary>Posterior sampling of rates, the same for every row: for few rewards, or features that say nothing.</summary>
/// <remarks>Estimand: E[reward | option] of a reward in [0, 1].</remarks>
public sealed class BetaBandit : IBandit
{
    private readonly double[] _chances;
    private readonly int _best;

    private BetaBandit(double[] chances, int best) => (_chances, _best) = (chances, best);

    /// <summary>Computes the chances.</summary>
    /// <param name="statistics">Rewards in [0, <see cref="BanditSettings.RewardRange"/>].</param>
    /// <param name="settings">The even share and the range are used.</param>
    /// <param name="penalties">As for <see cref="LinearBandit.Of"/>; taken at the mean row of all options, since this looks at none.</param>
    public static BetaBandit Of(BanditStatistics statistics, BanditSettings settings, ImmutableArray<double[]> penalties = default)
    {
        double[] successes = [.. statistics.Options.Select(o => Math.Clamp(o.Reward / settings.RewardRange, 0, o.Weight))];
        double[] trials = [.. statistics.Options.Select(o => o.Weight)];
        var off = Levels(statistics, penalties, settings.RewardRange);
        var chances = BetaChance.Of(successes, trials, off);
        ExplorationRules.Mix(chances, settings.Explore);
        return new(chances, ExplorationRules.Best([.. successes.Zip(trials, (s, n) => (s + 1) / (n + 2)).Zip(off, (rate, penalty) => rate - penalty)]));
    }

    private static double[] Levels(BanditStatistics statistics, ImmutableArray<double[]> penalties, double range)
    {
        var weight = statistics.Weight;
        if (penalties.IsDefaultOrEmpty || !(weight > 0)) return new double[statistics.Options.Length];
        var mean = new double[statistics.Options[0].Width];
        foreach (var option in statistics.Options) Vectors.AddScaled(mean, 1 / weight, option.Rows);
        return [.. penalties.Select(p => Vectors.Dot(mean, p) / range)];
    }

    /// <inheritdoc/>
    public int Distribute(ReadOnlySpan<double> x, Span<double> chances)
    {
        _chances.CopyTo(chances);
        return _best;
    }
}

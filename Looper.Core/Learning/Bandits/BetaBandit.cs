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
    public static BetaBandit Of(BanditStatistics statistics, BanditSettings settings)
    {
        double[] successes = [.. statistics.Options.Select(o => Math.Clamp(o.Reward / settings.RewardRange, 0, o.Weight))];
        double[] trials = [.. statistics.Options.Select(o => o.Weight)];
        var chances = BetaChance.Of(successes, trials);
        ExplorationRules.Mix(chances, settings.Explore);
        return new(chances, ExplorationRules.Best([.. successes.Zip(trials, (s, n) => (s + 1) / (n + 2))]));
    }

    /// <inheritdoc/>
    public int Distribute(ReadOnlySpan<double> x, Span<double> chances)
    {
        _chances.CopyTo(chances);
        return _best;
    }
}

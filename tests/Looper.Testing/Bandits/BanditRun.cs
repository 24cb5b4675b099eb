using Looper.Core.Learning.Bandits;
using Looper.Core.Numerics;
using Looper.Core.Serving;

namespace Looper.Testing.Bandits;

/// <summary>A bandit on a problem: rows drawn with replacement, the answer drawn from the stated chances by the hash of the decision, as a server does.</summary>
/// <param name="Regret">Mean over all rounds of the best option's rate minus the chosen one's.</param>
/// <param name="LastReward">Mean rate of what was chosen in the last third.</param>
/// <param name="Propensities">p-value of the logged answers against the stated chances.</param>
public sealed record BanditRun(double Regret, double LastReward, double Propensities)
{
    /// <param name="publishEvery">Rounds that share one published state; trees, which take seconds to grow, wait for a fifth more rows.</param>
    public static BanditRun Of(BanditProblem problem, BanditSettings settings, long seed, int publishEvery = 10)
    {
        var statistics = new BanditStatistics(problem.Options, problem.Rows[0].Length);
        var rows = new List<RewardedRow>();
        var random = new Philox(seed, "bandit-run");
        var stream = Assignment.Stream(seed, "policy");
        var fit = new PropensityFit(problem.Options);
        var (chances, regret, last, next) = (new double[problem.Options], 0.0, 0.0, 0);
        IBandit bandit = null!;
        for (var t = 0; t < problem.Rounds; t++)
        {
            if (t == next)
            {
                bandit = Publish(settings, statistics, rows, seed);
                next += settings.Algorithm == BanditAlgorithm.BootstrappedTrees ? Math.Max(50, t / 5) : publishEvery;
            }
            var row = random.Below(problem.Rows.Length);
            var (x, rates) = (problem.Rows[row], problem.Rates[row]);
            bandit.Distribute(x, chances);
            var option = Assignment.Pick(Assignment.Uniform(stream, $"decision-{t}"), chances);
            fit.Add(chances, option);
            var reward = random.Uniform() < rates[option] ? 1.0 : 0;
            statistics.Add(option, x, reward);
            rows.Add(new(x, option, reward));
            regret += rates.Max() - rates[option];
            if (t >= problem.Rounds - problem.Rounds / 3) last += rates[option];
        }
        return new(regret / problem.Rounds, last / (problem.Rounds / 3), fit.PValue);
    }

    private static IBandit Publish(BanditSettings settings, BanditStatistics statistics, List<RewardedRow> rows, long seed) => settings.Algorithm switch
    {
        BanditAlgorithm.BootstrappedTrees => TreeBandit.Of(rows, statistics.Options.Length, settings, seed, CancellationToken.None),
        BanditAlgorithm.ThompsonBeta => BetaBandit.Of(statistics, settings),
        _ => LinearBandit.Of(statistics, settings),
    };
}

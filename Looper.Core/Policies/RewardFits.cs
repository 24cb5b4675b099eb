using Looper.Core.OffPolicy;

namespace Looper.Core.Policies;

/// <summary>The reward models of one judgement: one fitted plainly, one so that the doubly robust estimate varies least.</summary>
internal sealed class RewardFits(LoggedDecisions log, GoalReward reward, long seed, Action<string, double> report, CancellationToken cancel)
{
    /// <summary>Up to this many decisions five folds are made, above three: what a fold more tells shrinks, what it costs does not.</summary>
    private const int FewRows = 20_000;

    public LoggedRows With(LoggedRows rows)
    {
        report("Fit the reward model", 45);
        var contexts = log.Contexts;
        var folds = rows.Count <= FewRows ? 5 : 3;
        int[] taken = log.Taken, fold = [.. rows.Units.Select(u => (int)((uint)u * 2654435769u >> 8) % folds)];
        var policy = log.Probabilities;
        ModelledRewards Fit(double[]? weights, double from, double until)
        {
            var plan = new RewardPlan { Weights = weights, RewardRange = reward.Range, Seed = seed, Progress = done => report("Fit the reward model", from + (until - from) * done), Cancel = cancel };
            return RewardModel.Apply(RewardModel.CrossFit(contexts, taken, log.Options.Length, fold, plan), taken, policy, log.Options.Length);
        }
        var plain = Fit(null, 45, 67);
        double[] weights = [.. taken.Select((a, i) => a < 0 ? 0 : LoggedRows.RobustWeight(rows.Weights[i] * log.Propensity(i), log.Propensity(i)))];
        return rows with { Model = plain, RobustModel = weights.Count(w => w > 0) >= ValueWords.LeastDecisions ? Fit(weights, 67, 90) : null };
    }
}

using Looper.Core.OffPolicy;

namespace Looper.Core.Policies;

/// <summary>The reward models of one judgement: one fitted plainly, one so that the doubly robust estimate varies least.</summary>
internal sealed class RewardFits(LoggedDecisions log, GoalReward reward, long seed, Action<string, double> report, CancellationToken cancel)
{
    /// <summary>Up to this many decisions five folds are made, above three: what a fold more tells shrinks, what it costs does not.
    /// Above it the model for the least variance is that of the other fit, weighed anew in its last step alone.</summary>
    private const int FewRows = 20_000;

    private const int ManyRows = 200_000; // half of them are more than a fit learns from

    public LoggedRows With(LoggedRows rows)
    {
        report("Fit the reward model", 45);
        var contexts = log.Contexts;
        var isFew = rows.Count <= FewRows;
        var folds = isFew ? 5 : rows.Count <= ManyRows ? 3 : 2;
        int[] taken = log.Taken, fold = Array.ConvertAll(rows.Units, u => (int)((uint)u * 2654435769u >> 8) % folds);
        double[] Fit(double[]? weights, double from, double until) => RewardModel.CrossFit(contexts, taken, log.Options.Length, fold, new()
        {
            Weights = weights, RewardRange = reward.Range, Seed = seed, Progress = done => report("Fit the reward model", from + (until - from) * done), Cancel = cancel,
        });
        ModelledRewards Blend(double[] predictions, double[] weights) => RewardBlend.Of(predictions, taken, log.Probabilities, log.Options.Length, fold, rows.Rewards, weights, reward.Range);

        var predictions = Fit(null, 45, isFew ? 67 : 88);
        double[] robust = [.. taken.Select((a, i) => a < 0 ? 0 : LoggedRows.RobustWeight(rows.Weights[i] * log.Propensity(i), log.Propensity(i)))];
        var plain = Blend(predictions, Array.ConvertAll(rows.Weights, w => w * w));
        if (robust.Count(w => w > 0) < ValueWords.LeastDecisions) return rows with { Model = plain };
        if (isFew) predictions = Fit(robust, 67, 90);
        return rows with { Model = plain, RobustModel = Blend(predictions, robust) };
    }
}

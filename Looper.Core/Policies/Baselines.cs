using Looper.Core.Blueprints;
using Looper.Core.OffPolicy;

namespace Looper.Core.Policies;

/// <summary>The policy's value against giving everyone the baseline.</summary>
internal static class Baselines
{
    /// <summary>As a fraction of the baseline's value; undefined where the baseline was tried too little.</summary>
    public static ChangeEstimate Against(LoggedRows rows, LoggedDecisions log, BlueprintContent content, string estimator, EstimatePlan plan)
    {
        var baseline = log.Options.IsEmpty ? 0 : log.Options.IndexOf(content.Rollout.Baseline ?? content.Default); // of candidates, the first as sent
        if (baseline < 0) return ChangeEstimate.Undefined;
        var taken = log.Taken;
        double[] weights = [.. taken.Select((a, i) => a == baseline ? 1 / log.Propensity(i) : 0)];
        if (WeightFigures.Of(weights, rows.Units).SaysLittle) return ChangeEstimate.Undefined;
        return PolicyEstimates.One(rows with { Reference = weights }, plan, estimator).Relative;
    }
}

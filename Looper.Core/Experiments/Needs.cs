using Looper.Core.Blueprints;

namespace Looper.Core.Experiments;

/// <summary>How many units a number takes before it is shown, and when they will be there.</summary>
internal sealed class Needs(ReportSettings settings, long[] units)
{
    public const int ForMeans = 30;
    public const int ForEffects = 100;
    public const int ForSampleRatio = 100;

    /// <summary>Clusters or slots of time before their shares are judged.</summary>
    public const int SamplesForSampleRatio = 20;

    /// <summary>Yes and no answers an arm: more where the reading may be looked at daily, because its theory is asymptotic.</summary>
    /// <param name="window">Of the metric.</param>
    /// <param name="guards">Of a metric with a margin, which has a reading of its own besides the one that decides.</param>
    public static int AnswersOfEach(ReportSettings settings, TimeSpan window, bool guards = false) =>
        PlannedEnd.Decides(settings, window) == ReadingKind.Sequential || (guards && PlannedEnd.Guards(settings, window) == ReadingKind.Sequential) ? 20 : 10;

    public Shortage? ForMean(string arm, ArmSums sums) =>
        sums.Values.Count < ForMeans ? new((long)sums.Values.Count, ForMeans, $"units in {arm}", ReadyAt(sums.Values.Count, ForMeans)) : null;

    public Shortage? ForEffect(MetricSums sums, int arm)
    {
        if (sums.Samples is { } samples)
        {
            var (of, need) = settings.Plan.Slots is null ? ("clusters", SampleEffects.LeastClusters) : ("slots", SampleEffects.LeastSlots);
            int[] have = [samples.Clusters(0).Length, samples.Clusters(arm).Length];
            var (least, key) = have[0] <= have[1] ? (have[0], settings.Plan.Arms[0].Key) : (have[1], settings.Plan.Arms[arm].Key);
            if (least < need) return new(least, need, $"{of} in {key}", ReadyAt(least, need));
        }

        foreach (var i in sums.Arms[0].Values.Count <= sums.Arms[arm].Values.Count ? [0, arm] : new[] { arm, 0 })
        {
            var key = settings.Plan.Arms[i].Key;
            var values = sums.Arms[i].Values;
            if (values.Count < ForEffects) return new((long)values.Count, ForEffects, $"units in {key}", ReadyAt(values.Count, ForEffects));
            if (sums.Outcome.Kind != OutcomeKind.Boolean) continue;
            double yes = Math.Round(values.Sum), no = values.Count - yes;
            var need = AnswersOfEach(settings, sums.Outcome.Window, guards: !double.IsNaN(sums.Spec.Margin));
            if (Math.Min(yes, no) < need)
                return new((long)Math.Min(yes, no), need, $"units with {(yes <= no ? "" : "no ")}{sums.Outcome.Name} in {key}", ReadyAt(Math.Min(yes, no), need));
        }

        return null;
    }

    /// <summary>At the pace since the start; null when nothing has come or nothing comes any more.</summary>
    private DateTimeOffset? ReadyAt(double have, double need)
    {
        if (settings.State != ExperimentState.Running || settings.IsImported || settings.StartedAt is not { } start || have <= 0 || units.Sum() == 0) return null;
        var elapsed = settings.DataUntil - start;
        if (elapsed <= TimeSpan.Zero) return null;
        var wait = elapsed * ((need - have) / have);
        return wait < TimeSpan.FromDays(3_650) ? settings.DataUntil + wait : null;
    }
}

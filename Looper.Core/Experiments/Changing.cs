using Looper.Core.Blueprints;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>The effect where shares of the arms changed on the way. Pooling all units would take a better time for a better arm.</summary>
internal static class Changing
{
    /// <summary>Each stretch by itself, then their inverse-variance mean.</summary>
    public static (EffectFigures Absolute, EffectFigures Relative) ByEpoch(MetricSums sums, int arm, Readings readings)
    {
        var pairs = sums.Epochs.Select(e => (A: Summary(sums, e[0]), B: Summary(sums, e[arm]))).ToList();
        var baseline = sums.Summary(0).Value;
        return (readings.Absolute(Epochs.Combine([.. pairs.Select(p => MeanDifference.Between(p.A, p.B))]), baseline, null),
            readings.Adjusted(Epochs.Combine([.. pairs.Select(p => RelativeLift.Between(p.A, p.B))])));
    }

    /// <summary>Doubly robust scores weighted by the chance of the arm; the lift takes the two arms for independent.</summary>
    public static (EffectFigures Absolute, EffectFigures Relative) Adaptive(MetricSums sums, int arm, Readings readings)
    {
        var pair = sums.Adaptive[0][arm];
        return (readings.Absolute(pair.Difference, pair.Control.Value, null),
            readings.Relative(pair.Control, pair.Treatment) with { Method = $"{AdaptivePair.Method}+{RelativeLift.Method}" });
    }

    private static MetricSummary Summary(MetricSums sums, in Moments moments) =>
        sums.Outcome.Kind == OutcomeKind.Boolean && MetricSums.IsYesNo(moments) ? MetricSummary.OfConversion(moments) : MetricSummary.OfMean(moments);
}

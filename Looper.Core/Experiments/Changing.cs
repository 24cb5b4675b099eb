using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>The effect where shares of the arms changed on the way. Pooling all units would take a better time for a better arm.</summary>
internal static class Changing
{
    /// <summary>Arms compared within each stretch, stretches weighted by the units that both have there: the lift over the baseline of the same weights.</summary>
    public static (EffectFigures Absolute, EffectFigures Relative) ByEpoch(MetricSums sums, int arm, Readings readings)
    {
        var balanced = Epochs.Balanced(sums.Epochs, 0, arm);
        return (readings.Absolute(MeanDifference.Between(balanced[0], balanced[1]) with { Method = Epochs.Method }, balanced[0].Value, null),
            readings.Relative(balanced[0], balanced[1]) with { Method = $"{Epochs.Method}+{RelativeLift.Method}" });
    }

    /// <summary>Doubly robust scores weighted by the chances of both arms; the lift takes the two arms for independent.</summary>
    public static (EffectFigures Absolute, EffectFigures Relative) Adaptive(MetricSums sums, int arm, Readings readings)
    {
        var pair = sums.Adaptive[0][arm];
        return (readings.Absolute(pair.Difference, pair.Control.Value, null),
            readings.Relative(pair.Control, pair.Treatment) with { Method = $"{AdaptivePair.Method}+{RelativeLift.Method}" });
    }
}

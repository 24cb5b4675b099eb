using Looper.Core.Models;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Models;

/// <summary>Exponential outcomes of different scales, and the quantile of each as it is.</summary>
public sealed class QuantileQualityTests
{
    private const double Tau = 0.9;

    [Fact]
    public void A_right_quantile_has_its_share_at_or_below_it_in_every_group()
    {
        var random = new Philox(8, "quantiles");
        double[] scales = [.. Enumerable.Range(0, 4_000).Select(_ => 1 + 9 * random.Uniform())], labels = [.. scales.Select(s => -s * Math.Log(1 - random.Uniform()))];
        double[] predictions = [.. scales.Select(s => -s * Math.Log(1 - Tau))];
        var quality = Evaluation.Of(new(PredictionTask.Quantile, Tau), labels, predictions, [.. Enumerable.Range(0, 4_000).Select(i => (ulong)i)], [.. labels.Select((_, i) => i % 2)], ["a", "b"], 12);
        Assert.Equal(10, quality.Reliability.Length);
        Assert.InRange(quality.Reliability.Count(b => b.Low <= Tau && Tau <= b.High), 9, 10); // 95 % intervals
        Assert.All(quality.Reliability, b => Assert.InRange(b.Observed, 0.84, 0.96));
        Assert.All(quality.ByOption, o => Assert.InRange(o.MeanObserved, 0.88, 0.92));
    }
}

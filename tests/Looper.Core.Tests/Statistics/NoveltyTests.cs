using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Tests.Statistics;

public class NoveltyTests
{
    [Theory, InlineData(1), InlineData(200)] // independent: each unit's least-squares slope, then Welch on the slopes
    public void The_trend_is_the_difference_of_the_units_own_slopes(int cut)
    {
        double[][] control = Panel(300, new Philox(1), _ => 0), treatment = Panel(400, new Philox(2), k => 1 - 0.2 * k);
        var trend = Novelty.Trend(Of(control), JointMoments.Merge(Of(treatment[..cut]), Of(treatment[cut..])));
        var expected = MeanDifference.Between(MetricSummary.OfMean(Moments.Of(Slopes(control))), MetricSummary.OfMean(Moments.Of(Slopes(treatment))));
        Assert.Equal(expected.Value, trend.Value, 1e-12);
        Assert.Equal(expected.StandardError, trend.StandardError, 1e-12);
        Assert.Equal(expected.DegreesOfFreedom, trend.DegreesOfFreedom, 1e-6);
        Assert.Equal(treatment.Average(u => u[3]) - control.Average(u => u[3]), Novelty.At(Of(control), Of(treatment), 3).Value, 1e-12);
    }

    [Fact] // units differ from one another far more than their days do: 0.05 ± 3.3·√(0.05·0.95/1000)
    public void An_effect_that_stays_is_seldom_called_changing()
    {
        var random = new Philox(3);
        var found = Enumerable.Range(0, 1_000).Count(_ => Reading.Fixed(Novelty.Trend(Of(Panel(60, random, _ => 0)), Of(Panel(60, random, _ => 1))), 0.95).P < 0.05);
        Assert.InRange(found / 1_000.0, 0.027, 0.073);
    }

    [Fact]
    public void Nothing_is_said_of_one_stage_one_unit_or_values_all_alike()
    {
        var panel = Of(Panel(50, new Philox(4), _ => 0));
        Assert.Equal(Cause.Singular, Novelty.Trend(Of([[1], [2]]), Of([[1], [3]])).Why);
        Assert.Equal(Cause.TooFewUnits, Novelty.Trend(panel, Of([[1, 2, 3, 4, 5, 6, 7]])).Why);
        Assert.Equal(Cause.ZeroVariance, Novelty.Trend(panel, Of([.. Enumerable.Repeat(new double[7], 50)])).Why);
        Assert.Equal(Cause.EmptyArm, Novelty.Trend(new(7), panel).Why);
    }

    private static double[][] Panel(int units, Philox random, Func<int, double> effect) => [.. Enumerable.Range(0, units).Select(_ =>
    {
        var own = 3 * random.Normal();
        return Enumerable.Range(0, 7).Select(k => own + effect(k) + random.Normal()).ToArray();
    })];

    private static JointMoments Of(double[][] units)
    {
        var moments = new JointMoments(units[0].Length);
        foreach (var unit in units) moments.Add(unit);
        return moments;
    }

    private static double[] Slopes(double[][] units) => [.. units.Select(unit =>
    {
        double x = Enumerable.Range(0, unit.Length).Average(), y = unit.Average();
        return unit.Select((value, k) => (k - x) * (value - y)).Sum() / Enumerable.Range(0, unit.Length).Sum(k => (k - x) * (k - x));
    })];
}

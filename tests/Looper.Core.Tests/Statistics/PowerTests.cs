using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Tests.Statistics;

public class PowerTests
{
    [Theory] // simulated power at the planned size, within the band around the target
    [InlineData(0.5, 0.05, 0.9, 2.0), InlineData(0.3, 0.05, 0.8, 1.0), InlineData(0.8, 0.01, 0.8, 1.0)]
    public void Planned_size_has_the_planned_power(double effect, double alpha, double power, double ratio)
    {
        var n1 = (int)Math.Ceiling(Power.UnitsForT(effect, alpha, power, ratio));
        var n2 = (int)Math.Ceiling(n1 * ratio);
        var found = Enumerable.Range(0, 2_000).Count(run =>
        {
            var random = new Philox(14, "power", run);
            var difference = MeanDifference.Between(MetricSummary.OfMean(Moments.Of(Draw.Normals(n1, random))), MetricSummary.OfMean(Moments.Of(Draw.Normals(n2, random, effect))));
            return Reading.Fixed(difference, 1 - alpha).P < alpha;
        });
        Draw.InBand(Power.OfT(effect, n1, n2, alpha), 2_000, found / 2_000.0);
    }

    [Fact]
    public void Without_an_effect_power_is_alpha() => Assert.Equal(0.05, Power.OfT(0, 40, 60, 0.05), 1e-9);

    [Fact]
    public void Smallest_effect_and_size_undo_each_other()
    {
        var n = Power.UnitsForT(0.1, 0.05, 0.8);
        Assert.Equal(0.1, Power.SmallestEffect(n, n, 0.05, 0.8), 1e-4);
    }
}

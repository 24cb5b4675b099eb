using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Tests.Statistics;

public class SampleRatioTests
{
    [Fact] // issue: at most 8 alarms at 0.001 on 2,000 fair splits
    public void Fair_splits_rarely_alarm()
    {
        var alarms = Enumerable.Range(0, 2_000).Count(i => SampleRatio.P(Split(10_000, 0.5, i), [0.5, 0.5]) < 0.001);
        Assert.InRange(alarms, 0, 8);
    }

    [Fact] // issue: an arm that loses 2 % of its exposures among 10⁶ units is found 100 times of 100
    public void A_lost_fiftieth_of_an_arm_is_always_found()
    {
        for (var i = 0; i < 100; i++)
        {
            var random = new Philox(3, "srm", i);
            // Binomial(500,000, 0.98) by its normal approximation: 490,000 ± 99
            double kept = Math.Round(490_000 + 99 * random.Normal()), whole = Math.Round(500_000 + 500 * random.Normal());
            Assert.True(SampleRatio.P([whole, kept], [1, 1]) < 0.001);
            Assert.True(SampleRatio.SequentialP([whole, kept], [1, 1]) < 0.001);
            Assert.True(SampleRatio.AlwaysValidP([whole, kept], [1, 1]) < 0.001);
        }
    }

    [Fact] // identity: the mixture's evidence depends on the totals alone, not on how they came
    public void Looking_daily_at_fair_arms_stays_honest()
    {
        var alarms = 0;
        for (var run = 0; run < 500; run++)
        {
            var random = new Philox(4, "days", run);
            double a = 0, b = 0, least = 1;
            for (var day = 0; day < 100; day++)
            {
                for (var i = 0; i < 50; i++)
                    if (random.Uniform() < 0.5) a++;
                    else b++;
                least = Math.Min(least, SampleRatio.AlwaysValidP([a, b], [0.5, 0.5]));
            }

            if (least < 0.05) alarms++;
        }

        Assert.True(alarms / 500.0 <= Draw.Band(0.05, 500).High, $"{alarms} of 500");
    }

    [Fact] // one mixture is blind to what is large in few units
    public void A_large_loss_among_few_units_is_found_while_it_runs()
    {
        Assert.True(SampleRatio.AlwaysValidP([300, 100], [1, 1]) < 1e-6);
        Assert.False(SampleRatio.SequentialP([300, 100], [1, 1]) < 0.001);
        Assert.Equal(1, SampleRatio.AlwaysValidP([0, 0], [1, 1]), 1e-12);
    }

    [Fact]
    public void Nobody_yet_is_no_mismatch() => Assert.Equal(1, SampleRatio.SequentialP([0, 0], [1, 1]), 1e-12);

    private static double[] Split(int units, double share, int index)
    {
        var random = new Philox(2, "split", index);
        double a = 0;
        for (var i = 0; i < units; i++)
            if (random.Uniform() < share)
                a++;
        return [a, units - a];
    }
}

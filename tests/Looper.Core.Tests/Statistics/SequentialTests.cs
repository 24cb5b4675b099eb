using Looper.Core.Numerics;
using Looper.Core.Statistics;
using Looper.Testing;

namespace Looper.Core.Tests.Statistics;

public class SequentialTests
{
    private static readonly int Runs = Sizes.IsLong ? 2_000 : 400;
    private const int Looks = 100, Step = 200;

    [Fact] // A/A experiments read 100 times each
    public void Reading_daily_stays_honest_only_with_the_always_valid_interval()
    {
        int sequential = 0, mixture = 0, peeking = 0;
        for (var run = 0; run < Runs; run++)
        {
            var random = new Philox(7, "aa", run);
            Moments a = default, b = default;
            bool s = false, m = false, w = false;
            for (var look = 0; look < Looks; look++)
            {
                for (var i = 0; i < Step / 2; i++) (a, b) = (a.With(random.Normal()), b.With(random.Normal()));
                var effect = MeanDifference.Between(MetricSummary.OfMean(a), MetricSummary.OfMean(b));
                s |= ConfidenceSequence.Read(effect, 20_000, 0.95).P < 0.05;
                m |= MixtureTest.Read(effect.Value, a.Count, (a.Variance + b.Variance) / 2, 0.01, 0.95).P < 0.05;
                w |= 2 * TailProbability.Normal(Math.Abs(effect.Value / effect.StandardError)) < 0.05;
            }

            (sequential, mixture, peeking) = (sequential + (s ? 1 : 0), mixture + (m ? 1 : 0), peeking + (w ? 1 : 0));
        }

        var limit = Draw.Band(0.05, Runs).High;
        Assert.True(sequential / (double)Runs <= limit, $"always valid: {sequential} of {Runs}");
        Assert.True(mixture / (double)Runs <= limit, $"mixture: {mixture} of {Runs}");
        Assert.True(peeking / (double)Runs > 0.25, $"Welch at every look: {peeking} of {Runs}");
    }

    [Fact] // statistics.md A8: 3.04, 3.86 and 3.24 standard errors at N*, N*/10 and 10·N*
    public void Half_width_is_least_near_the_planned_size()
    {
        Assert.Equal(3.04, ConfidenceSequence.Critical(5_000, 5_000, 0.95), 0.005);
        Assert.Equal(3.86, ConfidenceSequence.Critical(500, 5_000, 0.95), 0.005);
        Assert.Equal(3.24, ConfidenceSequence.Critical(50_000, 5_000, 0.95), 0.005);
    }

    [Fact]
    public void Interval_excludes_zero_exactly_when_p_is_below_alpha()
    {
        for (var z = 2.0; z < 5; z += 0.01)
        {
            var effect = new Effect(Scale.Absolute, z, 1, 1e9, 4_000, "test");
            var reading = ConfidenceSequence.Read(effect, 10_000, 0.95);
            Assert.Equal(reading.Interval.Low > 0, reading.P < 0.05);
        }
    }

    [Fact]
    public void An_effect_on_the_other_side_has_no_one_sided_evidence() =>
        Assert.Equal(1, ConfidenceSequence.Read(new(Scale.Absolute, -1, 1, 100, 500, "test"), 5_000, 0.95, Sides.Greater).P);
}

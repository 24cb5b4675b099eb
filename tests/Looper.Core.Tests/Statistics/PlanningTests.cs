using Looper.Core.Numerics;
using Looper.Core.Statistics;
using Looper.Testing;

namespace Looper.Core.Tests.Statistics;

public class PlanningTests
{
    [Fact] // an A/A experiment: at most 5 % are found, and hardly any stops early
    public void Sequential_power_without_an_effect_is_the_error_level()
    {
        var nothing = SequentialPower.Of(0, 20_000, 0.95);
        Assert.True(nothing.Power <= Draw.Band(0.05, 4_000).High, $"{nothing.Power}");
        Assert.InRange(nothing.Stop, 0.95, 1);
    }

    [Fact] // the same reading on simulated experiments, 40 looks instead of 200
    public void Sequential_power_is_what_simulated_experiments_reach()
    {
        int runs = Sizes.IsLong ? 4_000 : 600, found = 0, perArm = 2_000, looks = 40;
        var se = Math.Sqrt(2.0 / perArm);
        for (var run = 0; run < runs; run++)
        {
            var random = new Philox(71, "power", run);
            Moments a = default, b = default;
            for (var look = 0; look < looks; look++)
            {
                for (var i = 0; i < perArm / looks; i++) (a, b) = (a.With(random.Normal()), b.With(4 * se + random.Normal()));
                if (a.Count < 100) continue;
                if (ConfidenceSequence.Read(MeanDifference.Between(MetricSummary.OfMean(a), MetricSummary.OfMean(b)), 2 * perArm, 0.95).P >= 0.05) continue;
                found++;
                break;
            }
        }

        var (low, high) = Draw.Band(SequentialPower.Of(4, 2 * perArm, 0.95).Power, runs);
        Assert.InRange(found / (double)runs, low - 0.015, high); // fewer looks find a little less
    }

    [Fact] // six designs: size for 80 or 90 %, then count how often Welch finds the effect
    public void Welch_reaches_the_power_that_the_size_was_computed_for()
    {
        (double Effect, double Power, double Ratio)[] designs = [(0.2, 0.8, 1), (0.2, 0.9, 1), (0.5, 0.8, 1), (0.5, 0.9, 2), (0.35, 0.8, 0.5), (0.8, 0.95, 1)];
        var runs = Sizes.IsLong ? 10_000 : 2_000;
        foreach (var (effect, power, ratio) in designs)
        {
            int n0 = (int)Math.Ceiling(Power.UnitsForT(effect, 0.05, power, ratio)), n1 = (int)Math.Ceiling(n0 * ratio), found = 0;
            for (var run = 0; run < runs; run++)
            {
                var random = new Philox(72, "design", run);
                Moments a = default, b = default;
                for (var i = 0; i < n0; i++) a = a.With(random.Normal());
                for (var i = 0; i < n1; i++) b = b.With(effect + random.Normal());
                if (Reading.Fixed(MeanDifference.Between(MetricSummary.OfMean(a), MetricSummary.OfMean(b)), 0.95).P < 0.05) found++;
            }

            var reached = found / (double)runs;
            var stated = Power.OfT(effect, n0, n1, 0.05);
            TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"power | d {effect}, {n0} + {n1} units, stated {stated:P2} | {runs} | {reached:P2}"));
            // Within 1.5 points; what fewer experiments than 10,000 leave open by chance comes on top.
            Assert.Equal(stated, reached, 0.015 + (Sizes.IsLong ? 0 : 3.3 * Math.Sqrt(power * (1 - power) / runs)));
        }
    }

    [Theory, InlineData(1_000, 1), InlineData(500, 0.6)]
    public void Growth_of_distinct_units_is_recovered(double scale, double exponent)
    {
        double[] days = [.. Enumerable.Range(1, 30).Select(day => scale * Math.Pow(day, exponent))];
        var growth = UnitGrowth.Fit(days);
        Assert.Equal(exponent, growth.Exponent, 1e-9);
        Assert.Equal(scale * Math.Pow(60, exponent), growth.UnitsAt(60), 1e-6 * scale);
    }

    [Fact]
    public void Duration_comes_in_whole_weeks_or_not_at_all()
    {
        var steady = UnitGrowth.Fit([1_000, 2_000, 3_000, 4_000]);
        Assert.Equal(7, steady.DaysFor(6_900));
        Assert.Equal(14, steady.DaysFor(7_001));
        Assert.Equal(double.PositiveInfinity, UnitGrowth.Fit([500, 500, 500]).DaysFor(501));
        Assert.True(double.IsNaN(UnitGrowth.Fit([500]).DaysFor(100)));
        Assert.True(double.IsNaN(UnitGrowth.Fit([0, 0]).DaysFor(100)));
    }

    [Fact] // both stretches have an effect of 1; the later one has a higher level and most of the treated units
    public void Stretches_with_other_weights_are_combined_and_not_pooled()
    {
        var random = new Philox(73);
        Moments a1 = Moments.Of(Draw.Normals(900, random, 0)), b1 = Moments.Of(Draw.Normals(100, random, 1));
        Moments a2 = Moments.Of(Draw.Normals(100, random, 5)), b2 = Moments.Of(Draw.Normals(900, random, 6));
        var combined = Epochs.Combine([MeanDifference.Between(MetricSummary.OfMean(a1), MetricSummary.OfMean(b1)), MeanDifference.Between(MetricSummary.OfMean(a2), MetricSummary.OfMean(b2))]);
        Assert.Equal(1, combined.Value, 4 * combined.StandardError);
        var balanced = Epochs.Balanced([[a1, b1], [a2, b2]], 0, 1);
        Assert.Equal(combined.Value, MeanDifference.Between(balanced[0], balanced[1]).Value, combined.StandardError);
        Assert.Equal(combined.StandardError, MeanDifference.Between(balanced[0], balanced[1]).StandardError, 0.1 * combined.StandardError);
        Assert.True(MeanDifference.Between(MetricSummary.OfMean(a1 + a2), MetricSummary.OfMean(b1 + b2)).Value > 4);
        Assert.Equal(2_000, combined.Units);
    }

    [Fact]
    public void A_stretch_without_an_arm_is_left_out()
    {
        var random = new Philox(74);
        var some = MeanDifference.Between(MetricSummary.OfMean(Moments.Of(Draw.Normals(50, random))), MetricSummary.OfMean(Moments.Of(Draw.Normals(50, random))));
        var none = Effect.Undefined(Scale.Absolute, "welch-1", Cause.EmptyArm, 10);
        Assert.Equal(some.Value, Epochs.Combine([some, none]).Value, 1e-12);
        Assert.Equal(some.StandardError, Epochs.Combine([some, none]).StandardError, 1e-12);
        Assert.Equal(Cause.EmptyArm, Epochs.Combine([none]).Why);
    }

    [Fact] // by hand: weights 2·2/4 = 1 and 1·3/4; means (1·2 + 0.75·6)/1.75 and (1·4 + 0.75·8)/1.75; the stretch without b counts for nobody
    public void Balanced_arms_have_the_same_part_of_every_stretch_that_has_them_all()
    {
        Moments a1 = Moments.Of([1, 3]), b1 = Moments.Of([3, 5]), a2 = Moments.Of([6]), b2 = Moments.Of([7, 8, 9]), a3 = Moments.Of([100, 200]);
        var balanced = Epochs.Balanced([[a1, b1], [a2, b2], [a3, default]], 0, 1);
        Assert.Equal(6.5 / 1.75, balanced[0].Value, 1e-12);
        Assert.Equal(10 / 1.75, balanced[1].Value, 1e-12);
        Assert.Equal((3.0, 5.0), (balanced[0].Units, balanced[1].Units));
        // a: M2 = 2 in one degree of freedom within stretches; (2 + 2)/2² and 0.75²·(0 + 2)/1²
        Assert.Equal(Math.Sqrt((1 + 0.5625 * 2) / (1.75 * 1.75)), balanced[0].StandardError, 1e-12);
        Assert.Equal(Cause.EmptyArm, Epochs.Balanced([[a3, default]], 0, 1)[0].Why);
        Assert.Equal(Cause.TooFewUnits, Epochs.Balanced([[a2, b2]], 0, 1)[0].Why);
    }
}

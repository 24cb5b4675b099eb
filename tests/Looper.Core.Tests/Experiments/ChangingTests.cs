using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
using Looper.Core.Statistics;
using Looper.Core.Tests.Statistics;
using Looper.Testing;

namespace Looper.Core.Tests.Experiments;

/// <summary>The effect stretch by stretch where the truth is known.</summary>
public class ChangingTests(ITestOutputHelper output)
{
    private const int Stretches = 28;

    [Theory] // simulation: 28 stretches, 5 % buy; the arms are equal, or the second is better by a fifth, or it has a tenth of the units
    [InlineData(500, 500, 0.05)]
    [InlineData(500, 500, 0.06)]
    [InlineData(900, 100, 0.05)]
    public void The_lift_stretch_by_stretch_is_right_on_average_and_its_interval_covers(int ofControl, int ofTreatment, double rate)
    {
        int runs = Sizes.IsLong ? 2_000 : 400, covered = 0, absolute = 0;
        var readings = new Readings(Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)), "sale"), 1, lowerIsBetter: false);
        Moments lifts = default, differences = default;
        for (var run = 0; run < runs; run++)
        {
            var random = new Philox(94, "stretches", run);
            var (whole, lift) = Changing.ByEpoch(Sums([.. Enumerable.Range(0, Stretches).Select(_ => new[] { Sold(ofControl, 0.05, random), Sold(ofTreatment, rate, random) })]), 1, readings);
            (lifts, differences) = (lifts.With(lift.Estimate), differences.With(whole.Estimate));
            if (lift.Fixed.Low <= rate / 0.05 - 1 && rate / 0.05 - 1 <= lift.Fixed.High) covered++;
            if (whole.Fixed.Low <= rate - 0.05 && rate - 0.05 <= whole.Fixed.High) absolute++;
        }

        output.WriteLine($"{ofControl}/{ofTreatment} at {rate}: lift {lifts.Mean:P2} on average, covered {covered / (double)runs:P1}; difference {differences.Mean:P3}, covered {absolute / (double)runs:P1}, of {runs}");
        // The mean of a ratio of means is a little high, by V/(n·ȳ²): 0.15 points here.
        Assert.Equal(rate / 0.05 - 1, lifts.Mean, 0.002 + 3.3 * Math.Sqrt(lifts.Variance / runs));
        Assert.Equal(rate - 0.05, differences.Mean, 3.3 * Math.Sqrt(differences.Variance / runs));
        Draw.InBand(0.95, runs, covered / (double)runs);
        Draw.InBand(0.95, runs, absolute / (double)runs);
    }

    private static Moments Sold(int units, double rate, Philox random)
    {
        var yes = 0;
        for (var i = 0; i < units; i++)
            if (random.Uniform() < rate) yes++;
        var mean = yes / (double)units;
        return new(units, mean, units * mean * (1 - mean), double.NaN);
    }

    private static MetricSums Sums(Moments[][] stretches) =>
        new(new(new("sale", OutcomeKind.Boolean), MetricKind.Mean, MetricRole.Goal, ""), [], double.NaN, new(2, 1, false)) { Epochs = [.. stretches] };
}

using Looper.Core.Files;
using Looper.Core.Numerics;
using Looper.Core.Statistics;
using Looper.Testing;

namespace Looper.Core.Tests.Statistics;

public class MeanDifferenceTests
{
    [Fact] // Dehejia and Wahba's NSW sample: difference 1794.34, Welch interval 474.01..3114.67, p 0.00789 (data README)
    public void Lalonde_experiment_gives_the_published_difference()
    {
        Assert.SkipUnless(SharedData.IsHere, SharedData.Absent);
        using var file = CsvFile.Open(Directory.GetFiles(SharedData.File("hte", "lalonde"), "nsw_dw_experimental*").Single());
        int treated = file.Header.IndexOf("treat"), outcome = file.Header.IndexOf("re78");
        var arms = new Moments[2];
        while (file.Read() is { } row)
        {
            var arm = double.Parse(row[treated], System.Globalization.CultureInfo.InvariantCulture) > 0 ? 1 : 0;
            arms[arm] = arms[arm].With(double.Parse(row[outcome], System.Globalization.CultureInfo.InvariantCulture));
        }

        var effect = MeanDifference.Between(MetricSummary.OfMean(arms[0]), MetricSummary.OfMean(arms[1]));
        var reading = Reading.Fixed(effect, 0.95);
        Assert.Equal(1794.34, effect.Value, 0.005);
        Assert.Equal(474.01, reading.Interval.Low, 0.005);
        Assert.Equal(3114.67, reading.Interval.High, 0.005);
        Assert.Equal(0.00789, reading.P, 5e-6);
    }

    [Fact] // simulation: band of statistics.md 0.8
    public void Interval_covers_the_truth_as_often_as_it_says()
    {
        var random = new Philox(1);
        var covered = Enumerable.Range(0, 2_000).Count(_ => MeanDifference.Welch(
            Moments.Of(Draw.Normals(40, random, 1, 1)), Moments.Of(Draw.Normals(15, random, 1.5, 3)), 0.95).Contains(0.5));
        Draw.InBand(0.95, 2_000, covered / 2_000.0);
    }

    [Theory, InlineData(0, 5), InlineData(1, 5), InlineData(5, 1)]
    public void Interval_is_undefined_below_two_units_an_arm(int control, int treatment) => Assert.Equal(Interval.Undefined, MeanDifference.Welch(
        Moments.Of(Draw.Normals(control, new Philox(1))), Moments.Of(Draw.Normals(treatment, new Philox(2))), 0.95));

    [Fact]
    public void Undefined_says_why()
    {
        MetricSummary good = MetricSummary.OfMean(Moments.Of([1.0, 2, 3])), flat = MetricSummary.OfMean(Moments.Of([2.0, 2, 2])), none = MetricSummary.OfMean(Moments.Empty);
        Assert.Equal(Cause.ZeroVariance, MeanDifference.Between(good, flat).Why);
        Assert.Equal(Cause.EmptyArm, MeanDifference.Between(none, good).Why);
        Assert.Equal(Cause.BaselineZero, RelativeLift.Between(MetricSummary.OfMean(Moments.Of([-1.0, 0, 1])), good).Why);
        Assert.Throws<ArgumentOutOfRangeException>(() => MeanDifference.Welch(Moments.Empty, Moments.Empty, 1));
    }

    [Theory] // beyond 1e±70 squares of variances leave the range of numbers; a constant is one at any size
    [InlineData(1e300, -1e300, 1e300, Cause.OutOfRange)]
    [InlineData(1.7e308, -1.7e308, 1.7e308, Cause.OutOfRange)]
    [InlineData(1e100, 1.1e100, 1.2e100, Cause.OutOfRange)]
    [InlineData(1e-310, 5e-324, 0.0, Cause.OutOfRange)]
    [InlineData(1e-100, 2e-100, 4e-100, Cause.OutOfRange)]
    [InlineData(1e300, 1e300, 1e300, Cause.ZeroVariance)]
    [InlineData(0.0, -0.0, 0.0, Cause.ZeroVariance)]
    [InlineData(1e60, 2e60, 4e60, Cause.None)]
    [InlineData(1e-60, 2e-60, 4e-60, Cause.None)]
    public void Values_whose_squares_cannot_be_held_are_told_from_values_that_do_not_vary(double x, double y, double z, Cause why)
    {
        MetricSummary odd = MetricSummary.OfMean(Moments.Of([x, y, z])), good = MetricSummary.OfMean(Moments.Of([1.0, 2, 3]));
        var effect = MeanDifference.Between(good, odd);
        Assert.Equal(why, effect.Why);
        Assert.Equal(why == Cause.None, double.IsFinite(effect.StandardError) && effect.StandardError > 0 && double.IsFinite(effect.DegreesOfFreedom));
        var joint = new JointMoments(2);
        foreach (var value in (double[])[x, y, z]) joint.Add([value, 1]);
        Assert.Equal(why, MetricSummary.OfMean(joint.Of(0)).Why);
        Assert.Equal(why, MetricSummary.OfMean(JointMoments.Merge(new(2), joint).Of(0)).Why);
        if (x == y && x > 1) return; // the others square the mean as well, and say that they cannot
        Assert.Equal(why, Ratio.Of(joint).Why);
        Assert.Equal(why, ClusterDifference.Between([new(1, 1), new(1, 2), new(1, 3)], [new(1, x), new(1, y), new(1, z)]).Why);
    }

    [Fact] // the definition: both ends solve |b − r·a| = c·√(se_b² + r²·se_a²)
    public void Fieller_limits_solve_their_equation()
    {
        MetricSummary a = new(50, 2, 10), b = new(60, 3, 12);
        var (limits, why) = RelativeLift.Limits(a, b, 1.96);
        Assert.Equal(Cause.None, why);
        foreach (var r in new[] { limits.Low + 1, limits.High + 1 })
            Assert.Equal(1.96 * Math.Sqrt(12.0 / 60 + r * r * 10 / 50), Math.Abs(3 - r * 2), 1e-12);
    }

    [Fact]
    public void A_baseline_that_may_be_zero_has_no_lift() =>
        Assert.Equal(Cause.UnstableRatio, RelativeLift.Limits(new(50, 0.5, 10), new(60, 3, 12), 1.96).Why);

    [Fact]
    public void A_negative_baseline_keeps_the_direction_of_the_change()
    {
        MetricSummary a = new(500, -2, 1), b = new(500, -1, 1);
        var (limits, _) = RelativeLift.Limits(a, b, 1.96);
        Assert.Equal(0.5, RelativeLift.Between(a, b).Value, 1e-12);
        Assert.InRange(0.5, limits.Low, limits.High);
    }

    [Fact] // simulation at a baseline only 5 standard errors from zero, where the delta method is off
    public void Fieller_covers_where_the_baseline_is_uncertain()
    {
        var random = new Philox(2);
        var covered = 0;
        for (var i = 0; i < 2_000; i++)
        {
            MetricSummary a = MetricSummary.OfMean(Moments.Of(Draw.Normals(100, random, 1, 2))), b = MetricSummary.OfMean(Moments.Of(Draw.Normals(100, random, 1.5, 2)));
            if (RelativeLift.Limits(a, b, 1.96).Interval.Contains(0.5)) covered++;
        }

        Draw.InBand(0.95, 2_000, covered / 2_000.0);
    }
}

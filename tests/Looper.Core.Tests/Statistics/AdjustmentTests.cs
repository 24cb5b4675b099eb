using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Tests.Statistics;

public class AdjustmentTests
{
    [Theory, InlineData(0.3), InlineData(0.6), InlineData(0.9)] // variance falls by ρ² within 2 points
    public void Cuped_takes_away_the_square_of_the_correlation(double rho)
    {
        var random = new Philox(6);
        JointMoments a = new(2), b = new(2);
        for (var i = 0; i < 40_000; i++) (i % 2 == 0 ? a : b).Add(Correlated(random, rho));
        Assert.Equal(rho * rho, Cuped.Between(a, b).VarianceSaved, 0.02);
    }

    [Fact]
    public void Cuped_covers_and_a_useless_copy_of_a_covariate_changes_nothing()
    {
        int covered = 0, perArm = 0;
        for (var run = 0; run < 1_000; run++)
        {
            var random = new Philox(8, "cuped", run);
            JointMoments a = new(2), b = new(2), doubledA = new(3), doubledB = new(3);
            for (var i = 0; i < 300; i++)
            {
                var row = Correlated(random, 0.7);
                if (i % 2 == 1) row[0] += 0.25;
                (i % 2 == 0 ? a : b).Add(row);
                (i % 2 == 0 ? doubledA : doubledB).Add([row[0], row[1], 5 * row[1] - 3]);
            }

            var adjusted = Cuped.Between(a, b);
            Assert.Equal(adjusted.Absolute.Value, Cuped.Between(doubledA, doubledB).Absolute.Value, 1e-9);
            if (Reading.Fixed(adjusted.Absolute, 0.95).Interval.Contains(0.25)) covered++;
            if (Reading.Fixed(Cuped.PerArm(a, b).Absolute, 0.95).Interval.Contains(0.25)) perArm++;
        }

        Draw.InBand(0.95, 1_000, covered / 1_000.0);
        Draw.InBand(0.95, 1_000, perArm / 1_000.0);
    }

    [Fact]
    public void A_covariate_without_variance_is_no_adjustment()
    {
        JointMoments a = new(2), b = new(2);
        var random = new Philox(9);
        for (var i = 0; i < 50; i++) (i % 2 == 0 ? a : b).Add([random.Normal(), 3]);
        Assert.Equal(Cause.Singular, Cuped.Between(a, b).Absolute.Why);
    }

    [Fact] // strata differ in level and in the arms' shares: the plain difference is biased, the weighted one is not
    public void Post_stratification_removes_an_imbalance()
    {
        var random = new Philox(10);
        Stratum light = new(Moments.Of(Draw.Normals(900, random, 2)), Moments.Of(Draw.Normals(300, random, 2.1)));
        Stratum heavy = new(Moments.Of(Draw.Normals(100, random, 9)), Moments.Of(Draw.Normals(700, random, 9.1)));
        var (absolute, _) = PostStratification.Between([light, heavy], isConversion: false);
        Assert.Equal(0.1, absolute.Value, 4 * absolute.StandardError);
        Assert.True(MeanDifference.Between(MetricSummary.OfMean(light.Control + heavy.Control), MetricSummary.OfMean(light.Treatment + heavy.Treatment)).Value > 4);
    }

    [Fact]
    public void Strata_too_small_to_judge_are_merged()
    {
        var random = new Philox(11);
        Stratum large = new(Moments.Of(Draw.Normals(100, random)), Moments.Of(Draw.Normals(100, random)));
        var (absolute, _) = PostStratification.Between([large, new(Moments.Of([1.0]), Moments.Empty), new(Moments.Empty, Moments.Of([2.0]))], isConversion: false);
        Assert.True(absolute.IsDefined);
        Assert.Equal(202, absolute.Units);
    }

    [Fact]
    public void Ratio_of_totals_covers_its_truth()
    {
        var covered = 0;
        for (var run = 0; run < 1_000; run++)
        {
            var random = new Philox(12, "ratio", run);
            JointMoments a = new(2), b = new(2);
            for (var i = 0; i < 400; i++)
            {
                var orders = 1 + random.PoissonCount(2);
                var taste = 1 + 0.3 * random.Normal();
                (i % 2 == 0 ? a : b).Add([orders * (5 + taste) + random.Normal(), orders]);
            }

            if (Reading.Fixed(MeanDifference.Between(Ratio.Of(a), Ratio.Of(b)), 0.95).Interval.Contains(0)) covered++;
        }

        Draw.InBand(0.95, 1_000, covered / 1_000.0);
    }

    [Fact]
    public void Clustered_quantile_covers_where_the_plain_one_does_not()
    {
        int plain = 0, clustered = 0;
        for (var run = 0; run < 500; run++)
        {
            var (a, ca) = Clusters(new Philox(13, "a", run));
            var (b, cb) = Clusters(new Philox(13, "b", run));
            if (Reading.Fixed(MeanDifference.Between(a, b), 0.95).Interval.Contains(0)) plain++;
            if (Reading.Fixed(MeanDifference.Between(ca, cb), 0.95).Interval.Contains(0)) clustered++;
        }

        Draw.InBand(0.95, 500, clustered / 500.0);
        Assert.True(plain / 500.0 < 0.85, $"plain covered {plain} of 500");
    }

    private static (MetricSummary Plain, MetricSummary Clustered) Clusters(Philox random)
    {
        var events = new List<(int Unit, double Value)>();
        for (var unit = 0; unit < 150; unit++)
        {
            var level = 2 * random.Normal();
            for (var i = 0; i < 1 + random.Below(6); i++) events.Add((unit, level + random.Normal()));
        }

        double[] sorted = [.. events.Select(e => e.Value).Order()];
        var plain = Quantile.Of(sorted, 0.5);
        var counts = new JointMoments(2);
        foreach (var unit in events.GroupBy(e => e.Unit)) counts.Add([unit.Count(e => e.Value <= plain.Value), unit.Count()]);
        return (plain, Quantile.Clustered(plain, 0.5, counts));
    }

    private static double[] Correlated(Philox random, double rho)
    {
        var x = random.Normal();
        return [rho * x + Math.Sqrt(1 - rho * rho) * random.Normal(), x];
    }
}

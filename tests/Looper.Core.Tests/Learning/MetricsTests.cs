using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

public class MetricsTests
{
    private static readonly double[] s_labels = [0, 0, 1, 1, 0, 1], s_scores = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4];

    [Fact] // by hand: pairs (1, 0): 0.35 beats 0.1; 0.8 beats all three; 0.4 beats 0.1 and ties twice → (1 + 3 + 2) / 9
    public void Area_under_the_curve_counts_ties_half() => Assert.Equal(6.0 / 9, Metrics.Auc(s_labels, s_scores).Area, 1e-12);

    [Fact] // by hand: 0.8 → 1/1; the three at 0.4 → one more hit of four; 0.35 → three of five; 0.1 adds nothing
    public void Average_precision_takes_ties_together() =>
        Assert.Equal((1.0 + 2.0 / 4 + 3.0 / 5) / 3, Metrics.AveragePrecision(s_labels, s_scores), 1e-12);

    [Fact] // simulation: band(0.95, 500) of statistics.md
    public void DeLong_interval_covers_as_often_as_it_says()
    {
        const double Truth = 0.7602499389065233; // Φ(1/√2) for scores N(1, 1) against N(0, 1)
        var covered = 0;
        for (var replicate = 0; replicate < 500; replicate++)
        {
            var random = new Philox(3, "delong", replicate);
            var labels = Enumerable.Range(0, 200).Select(i => i % 3 == 0 ? 1.0 : 0).ToArray();
            var (area, variance) = Metrics.Auc(labels, labels.Select(y => y + random.Normal()).ToArray());
            if (Math.Abs(area - Truth) <= 1.96 * Math.Sqrt(variance)) covered++;
        }
        Assert.InRange(covered / 500.0, 0.95 - 0.032, 0.95 + 0.032);
    }

    [Fact] // each row ten times under its unit tells as much as once
    public void Rows_of_one_unit_count_once()
    {
        var random = new Philox(5, "units");
        double[] labels = [.. Enumerable.Range(0, 300).Select(i => i % 3 == 0 ? 1.0 : 0)], scores = [.. labels.Select(y => y + random.Normal())];
        ulong[] units = [.. Enumerable.Range(0, 300).Select(i => (ulong)i)];
        T[] Ten<T>(T[] one) => [.. one.SelectMany(x => Enumerable.Repeat(x, 10))];
        var once = Metrics.Auc(labels, scores);
        Assert.Equal(once.Variance, Metrics.Auc(labels, scores, units).Variance, 1e-12);
        var ten = Metrics.Auc(Ten(labels), Ten(scores), Ten(units));
        Assert.Equal(once.Area, ten.Area, 1e-12);
        Assert.Equal(once.Variance, ten.Variance, 1e-12);
        var (spread, repeated) = (Spread.Of(scores), Spread.Of(Ten(scores), Ten(units)));
        Assert.Equal(spread.Low, repeated.Low, 1e-12);
        Assert.Equal(spread.High, repeated.High, 1e-12);
    }

    [Fact] // simulation: band(0.95, 500) of statistics.md; 60 units of ten rows whose scores share an effect
    public void The_interval_over_units_covers_as_often_as_it_says()
    {
        static (double Area, double Variance) Draw(int units, long index)
        {
            var random = new Philox(6, "delong by unit", index);
            var (labels, scores, of) = (new double[10 * units], new double[10 * units], new ulong[10 * units]);
            for (var unit = 0; unit < units; unit++)
            {
                var effect = random.Normal();
                for (var i = 10 * unit; i < 10 * unit + 10; i++) (labels[i], of[i]) = (random.Uniform() < 0.4 ? 1 : 0, (ulong)unit);
                for (var i = 10 * unit; i < 10 * unit + 10; i++) scores[i] = labels[i] * 0.5 + effect * (labels[i] - 0.5) + random.Normal();
            }
            return Metrics.Auc(labels, scores, of);
        }
        var truth = Draw(40_000, 0).Area;
        var covered = Enumerable.Range(1, 500).Select(k => Draw(60, k)).Count(a => Math.Abs(a.Area - truth) <= 1.96 * Math.Sqrt(a.Variance));
        Assert.InRange(covered / 500.0, 0.95 - 0.032, 0.95 + 0.032);
    }

    [Fact]
    public void One_class_leaves_the_area_undefined_not_neutral()
    {
        var metrics = BinaryMetrics.Of([1, 1, 1], [0.2, 0.5, 0.9]);
        Assert.True(double.IsNaN(metrics.Auc));
        Assert.True(double.IsNaN(metrics.PrecisionSpread.Low));
        Assert.True(double.IsNaN(BinaryMetrics.Of([], []).LogLoss));
        Assert.True(double.IsNaN(ValueMetrics.Of([], []).Rmse));
    }

    [Fact] // by hand
    public void Errors_of_values_are_what_they_say()
    {
        var metrics = ValueMetrics.Of([1, 2, 3, 4], [1, 2, 3, 8]);
        Assert.Equal([2, 1, 1 - 16.0 / 5], [metrics.Rmse, metrics.Mae, metrics.R2]);
    }

    [Fact] // simulation: band(0.95, 300) of statistics.md, truth from 400,000 rows
    public void The_interval_of_the_average_precision_covers_as_often_as_it_says()
    {
        static BinaryMetrics Draw(int rows, long index)
        {
            var random = new Philox(4, "precision", index);
            var labels = Enumerable.Range(0, rows).Select(i => i % 5 == 0 ? 1.0 : 0).ToArray();
            return BinaryMetrics.Of(labels, [.. labels.Select(y => 1 / (1 + Math.Exp(1 - y - random.Normal())))]);
        }
        var truth = Draw(400_000, 0).AveragePrecision;
        var covered = Enumerable.Range(1, 300).Select(k => Draw(1_000, k).PrecisionSpread).Count(s => s.Low <= truth && truth <= s.High);
        Assert.InRange(covered / 300.0, 0.95 - 0.042, 1);
    }

    [Fact] // by hand: losses −ln 0.7, −ln 0.5, −ln 0.1; two of three likeliest classes seen
    public void Several_classes_are_measured_with_intervals()
    {
        var metrics = ClassMetrics.Of([0, 1, 2], new double[][] { [0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.6, 0.3, 0.1] });
        Assert.Equal(-Math.Log(0.7 * 0.5 * 0.1) / 3, metrics.LogLoss.Mean, 1e-12);
        Assert.Equal(2.0 / 3, metrics.Accuracy.Mean, 1e-12);
        Assert.InRange(metrics.Accuracy.High, 0.9, 1); // Wilson, never above 1
        Assert.Equal(Math.Log(3), metrics.ConstantLogLoss, 1e-12);
        Assert.True(double.IsNaN(ClassMetrics.Of([], []).LogLoss.Mean));
    }

    [Fact] // by hand: one query in perfect order, one turned round, one without anything relevant, which does not count
    public void The_mean_gain_of_queries_has_an_interval_over_queries()
    {
        var turned = 1 / Math.Log2(3);
        var spread = RankingMetrics.MeanNdcg([1, 0, 1, 0, 0, 0], [2, 1, 1, 2, 1, 2], [1, 1, 2, 2, 3, 3], 2);
        Assert.Equal((1 + turned) / 2, spread.Mean, 1e-12);
        Assert.Equal(1.96 * (1 - turned) / 2, spread.High - spread.Mean, 1e-3);
    }

    [Fact] // by hand: order c, a, b; relevance 0, 2, 1 against the ideal 2, 1, 0
    public void Discounted_gain_is_normalised_by_the_best_order()
    {
        double[] relevance = [2, 1, 0], scores = [0.5, 0.1, 0.9];
        var ideal = 3 + 1 / Math.Log2(3);
        Assert.Equal((3 / Math.Log2(3) + 1 / Math.Log2(4)) / ideal, RankingMetrics.Ndcg(relevance, scores, 3), 1e-12);
        Assert.Equal(0.5, RankingMetrics.MeanReciprocalRank(relevance, scores, [7, 7, 7]));
    }
}

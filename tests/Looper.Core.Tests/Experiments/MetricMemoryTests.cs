using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Tests.Experiments;

/// <summary>What metrics keep one by one is bounded, and the report says what that changed.</summary>
public class MetricMemoryTests
{
    private static readonly Outcome Revenue = new("revenue", OutcomeKind.Number);
    private static readonly ExperimentPlan HalfAndHalf = Exposed.Plan(("control", 0.5), ("treatment", 0.5)) with { Reading = ReadingKind.Fixed, PlannedDays = 9 };

    [Fact] // independent: the cap by sorting the first 1,000 values, the means by cutting all of them there
    public void A_cut_is_that_of_the_first_units_where_not_all_may_be_kept()
    {
        var random = new Philox(4);
        var values = Enumerable.Range(0, 5_000).Select(_ => Math.Exp(random.Normal())).ToArray();
        var metric = Report(HalfAndHalf with { CapPercentile = 0.99 }, values.Select((v, i) => Exposed.Unit(i % 2, [v])), new Kept(1_000, 1_000)).Metrics[0];
        var cap = Capping.Cap(values.AsSpan(0, 1_000), 0.99);
        Assert.Equal((cap, 1_000L), (metric.Cap, metric.CapUnits));
        foreach (var arm in new[] { 0, 1 })
        {
            var own = values.Where((_, i) => i % 2 == arm).ToList();
            Assert.Equal(own.Average(v => Math.Min(v, cap)), metric.Arms[arm].Mean, 1e-12);
            Assert.Equal(own.Count(v => v > cap), metric.Arms[arm].Capped);
        }

        var whole = Report(HalfAndHalf with { CapPercentile = 0.99 }, values.Select((v, i) => Exposed.Unit(i % 2, [v])), new Kept(5_001, 1_000)).Metrics[0];
        Assert.Equal((Capping.Cap(values, 0.99), 0L), (whole.Cap, whole.CapUnits));
    }

    [Fact] // simulation: exponential times, whose 90th percentile is ln 10; 200 reports hold it in 95% ± 3.3·√(0.95·0.05/200)
    public void A_percentile_of_some_of_the_units_still_covers_the_truth()
    {
        var plan = HalfAndHalf with { Metrics = [new Metric { Key = "p90", Kind = MetricKind.Quantile, Outcome = "revenue", Quantile = 0.9 }] };
        var (random, held) = (new Philox(11), 0);
        for (var run = 0; run < 200; run++)
        {
            var units = Enumerable.Range(0, 2_000).Select(i => Unit($"u{run}-{i}", i % 2, [-Math.Log(random.Uniform())])).ToList();
            var metric = Report(plan, units, new Kept(1, 300)).Metrics.Single(m => m.Outcome == "p90");
            Assert.Equal(0.25, metric.Sampled); // 1,000 an arm: a half is still too many, a quarter may be kept
            Assert.InRange(metric.Arms[0].Units, 150, 300);
            var interval = metric.Comparisons[0].Absolute.Fixed;
            if (interval.Low <= 0 && 0 <= interval.High) held++;
        }

        Assert.InRange(held / 200.0, 0.899, 1);
    }

    [Fact]
    public void What_fits_is_read_whole()
    {
        var plan = HalfAndHalf with { Metrics = [new Metric { Key = "p90", Kind = MetricKind.Quantile, Outcome = "revenue", Quantile = 0.9 }] };
        var metric = Report(plan, Enumerable.Range(0, 1_000).Select(i => Unit($"u{i}", i % 2, [i, i + 1])), null).Metrics.Single(m => m.Outcome == "p90");
        Assert.Equal((1.0, 500L), (metric.Sampled, metric.Arms[0].Units));
    }

    private static ExposedUnit Unit(string name, int arm, double[] observed)
    {
        var unit = Exposed.Unit(arm, [observed.Sum(), observed.Sum()]);
        ImmutableArray<KeptEvent> events = [.. observed.Select((v, i) => new KeptEvent(i, v))];
        return unit with { Decision = unit.Decision with { Unit = name }, Events = [[], events] };
    }

    private static ReportContent Report(ExperimentPlan plan, IEnumerable<ExposedUnit> units, Kept? most)
    {
        var analysis = new ExperimentAnalysis(Exposed.Settings(plan, "revenue"), Exposed.Blueprint(Revenue), CovariateReader.None, new Dictionary<int, ImmutableArray<Feature>>()) { Most = most };
        foreach (var unit in units) analysis.Add(unit);
        return analysis.Finish();
    }
}

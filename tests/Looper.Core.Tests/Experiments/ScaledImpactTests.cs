using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Experiments;

public class ScaledImpactTests
{
    private static readonly Outcome Revenue = new("revenue", OutcomeKind.Number);
    private static readonly ExperimentPlan Plan = Exposed.Plan(("control", 0.5), ("treatment", 0.5));

    private static ReportContent Report(double share = 0.25, bool imported = false, double days = 10)
    {
        var random = new Philox(3);
        var units = Enumerable.Range(0, 2_000).Select(i => Exposed.Unit(i % 2, [10 + (i % 2) + random.Normal()])).Select((u, i) => u with { Decision = u.Decision with { Time = Exposed.Start.AddMinutes(5 * i) } });
        return Exposed.Report(Exposed.Settings(Plan, "revenue", days: days) with { Share = share, IsImported = imported }, Exposed.Blueprint(Revenue), units);
    }

    [Fact] // arithmetic: 2,000 units in 10 days at a quarter of all are 800 a day
    public void A_day_and_a_year_are_the_change_times_everybody_who_comes()
    {
        var report = Report();
        Assert.Equal((200.0, 0.25, 10.0, 800.0), (report.Traffic!.UnitsPerDay, report.Traffic.Share, report.Traffic.Days, report.Traffic.AllPerDay));
        var effect = report.Metrics[0].Comparisons[0].Absolute;
        foreach (var (per, factor) in new[] { (ImpactPer.Units, 1_000.0), (ImpactPer.Day, 800.0), (ImpactPer.Year, 292_000.0) })
        {
            var figures = ScaledImpact.Of(report, per);
            var row = Assert.Single(figures.Rows);
            Assert.Equal((factor, factor * effect.Estimate, factor * effect.Sequential.Low, factor * effect.Sequential.High, (string?)null), (figures.Factor, row.Estimate, row.Low, row.High, row.Why));
        }

        Assert.StartsWith("If everyone had it: 200 new units a day came into the experiment over 10 days, 25% of all, so 800 a day, 365 days, times the change per unit. Taken for granted:", ScaledImpact.Of(report, ImpactPer.Year).Assumption, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_traffic_or_for_what_does_not_add_up_it_says_why()
    {
        foreach (var (report, why) in new[] { (Report(imported: true), "times that say nothing of traffic"), (Report(share: double.NaN), "share of all units"), (Report(days: 0.5), "less than a day") })
        {
            var row = Assert.Single(ScaledImpact.Of(report, ImpactPer.Day).Rows);
            Assert.True(double.IsNaN(row.Estimate) && double.IsNaN(row.Low));
            Assert.Contains(why, row.Why, StringComparison.Ordinal);
            Assert.Null(Assert.Single(ScaledImpact.Of(report, ImpactPer.Units).Rows).Why);
        }

        foreach (var kind in new[] { MetricKind.Ratio, MetricKind.Quantile })
            Assert.Contains("does not add up", ScaledImpact.WhyNot(Report().Traffic, Report().Metrics[0] with { Measures = kind }, ImpactPer.Units), StringComparison.Ordinal);
    }

    [Fact]
    public void The_rows_hold_each_scale_that_a_metric_has()
    {
        Assert.Equal(["absolute", "relative", "per-1000-units", "per-day", "per-year"], ReportCsv.Write(Report()).Split("\r\n")[1..^1].Select(l => l.Split(',')[12]));
        Assert.Equal(["absolute", "relative", "per-1000-units"], ReportCsv.Write(Report(imported: true)).Split("\r\n")[1..^1].Select(l => l.Split(',')[12]));
    }

    [Fact] // two days at 10%, three at 40%, five at 80% of units
    public void A_ramp_counts_by_its_time()
    {
        var plan = Plan with { Traffic = 0.8, Ramp = [new(0.1, 48), new(0.4, 72)] };
        DateTimeOffset At(double days) => Exposed.Start.AddDays(days);
        Assert.Equal(0.1 * 0.2 + 0.4 * 0.3 + 0.8 * 0.5, RampTimes.Average(plan, At(0), At(10), [At(2), At(5)]), 1e-12);
        Assert.Equal(0.1, RampTimes.Average(plan, At(0), At(2), []), 1e-12);
        Assert.Equal(0.8, RampTimes.Average(Plan with { Traffic = 0.8 }, At(0), At(10), []), 1e-12);
    }
}

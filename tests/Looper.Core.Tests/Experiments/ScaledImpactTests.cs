using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
using Looper.Core.Serving;

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

    [Fact] // 8,000 units in 40 days at a quarter of all are 800 a day: a tenth of them passes the filter, a twentieth has a rating
    public void A_metric_of_some_units_is_told_for_as_many_as_it_takes()
    {
        var plan = Plan with { Metrics = [new Metric { Key = "dutch", Kind = MetricKind.Sum, Outcome = "revenue", Only = [new("member", FilterRule.Is, "yes")] }] };
        var random = new Philox(4);
        var units = Enumerable.Range(0, 8_000).Select(i =>
        {
            var revenue = 10 + (i % 2) + random.Normal();
            var unit = Exposed.Unit(i % 2, [revenue, i % 40 < 2 ? 3 + random.Normal() : double.NaN, revenue], [(byte)(i % 20 < 2 ? ServedKind.True : ServedKind.False)]);
            return unit with { Decision = unit.Decision with { Time = Exposed.Start.AddMinutes(5 * i) } };
        });
        var report = Exposed.Report(Exposed.Settings(plan, "revenue", days: 40) with { Share = 0.25 }, Exposed.Blueprint(Revenue, new Outcome("rating", OutcomeKind.Number) { Absent = null }), units,
            features: new() { [1] = [new("member", FeatureKind.Boolean)] });
        var (day, many) = (ScaledImpact.Of(report, ImpactPer.Day), ScaledImpact.Of(report, ImpactPer.Units));
        foreach (var (metric, perDay) in new[] { ("revenue", 800.0), ("dutch", 80.0), ("rating", 40.0) })
        {
            var effect = report.Metrics.Single(m => m.Outcome == metric).Comparisons[0].Absolute;
            Assert.Equal(perDay * effect.Estimate, day.Rows.Single(r => r.Outcome == metric).Estimate, 1e-9);
            Assert.Equal(perDay, day.Rows.Single(r => r.Outcome == metric).Factor, 1e-9);
            Assert.Equal(perDay * effect.Deciding(report.Decides).High, day.Rows.Single(r => r.Outcome == metric).High, 1e-9);
            Assert.Equal(1_000 * effect.Estimate, many.Rows.Single(r => r.Outcome == metric).Estimate, 1e-9);
            var line = ReportCsv.Write(report).Split("\r\n").Select(l => l.Split(',')).Single(l => l.Length > 13 && l[2] == metric && l[12] == "per-day");
            Assert.Equal(perDay * effect.Estimate, double.Parse(line[13], System.Globalization.CultureInfo.InvariantCulture), 1e-9);
        }

        Assert.Contains("Some metrics take only units that pass their filters and whose value is known (5% in rating, 10% in dutch): each is told for those alone.", day.Assumption, StringComparison.Ordinal);
        Assert.Equal("The change per unit times 1,000 units. Some metrics take only units that pass their filters and whose value is known (5% in rating, 10% in dutch): each is told for 1,000 of those.", many.Assumption);
    }

    [Fact] // arithmetic: a quarter of each hour is left out, so 200 units a day are those of 0.25 · 0.75 of all
    public void What_the_burn_in_of_slots_leaves_out_counts_as_traffic()
    {
        var units = Enumerable.Range(0, 2_000).Select(i => Exposed.Unit(i / 12 % 2, [10 + i % 3])).Select((u, i) => u with { Decision = u.Decision with { Time = Exposed.Start.AddMinutes(5 * i) } });
        var plan = Plan with { Switchback = new(60) { BurnInMinutes = 15 } };
        var report = Exposed.Report(Exposed.Settings(plan, "revenue") with { Share = 0.25 }, Exposed.Blueprint(Revenue), units);
        Assert.Equal(200 / 0.25 / 0.75, report.Traffic!.AllPerDay, 1e-9);
        Assert.Contains("25% of all, in the 75% of time that the burn-in of slots leaves, so 1,067 a day, times", ScaledImpact.Of(report, ImpactPer.Day).Assumption, StringComparison.Ordinal);
        var text = ExperimentJson.Write(report);
        Assert.Equal(report.Traffic, ExperimentJson.ReadReport(text).Traffic);
        Assert.Equal(800, ExperimentJson.ReadReport(text.Replace("\"kept\":0.75", "\"older\":0", StringComparison.Ordinal)).Traffic!.AllPerDay, 1e-9); // stored before it was counted
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

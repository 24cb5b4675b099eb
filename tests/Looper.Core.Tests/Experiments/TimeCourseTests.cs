using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Experiments;

public class TimeCourseTests
{
    private static readonly Outcome Purchase = new("purchase", OutcomeKind.Boolean), Revenue = new("revenue", OutcomeKind.Number);

    [Fact]
    public void The_last_day_is_the_scorecard_also_where_values_are_cut_and_adjusted()
    {
        var random = new Philox(81);
        var units = Days(20, 400, (day, arm) => Exposed.Unit(arm, [random.Uniform() < 0.2 ? 1 : 0, Math.Exp(2 + random.Normal())]));
        var report = Exposed.Report(
            Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)) with { CapPercentile = 0.99 }, "purchase", days: 20), Exposed.Blueprint(Purchase, Revenue), units);
        foreach (var metric in report.Metrics)
        {
            var (comparison, last) = (metric.Comparisons[0], metric.Comparisons[0].Course!.Points[^1]);
            Assert.Equal(20, comparison.Course!.Points.Length);
            Assert.Equal(comparison.Absolute.Estimate, last.Absolute.Estimate, 1e-9);
            Assert.Equal(comparison.Absolute.Sequential.Low, last.Absolute.Low, 1e-9);
            Assert.Equal(comparison.Relative.Sequential.High, last.Relative.High, 1e-9);
            Assert.Equal(metric.Arms.Sum(a => a.Units), last.Units);
        }
    }

    [Fact]
    public void What_all_days_agree_on_only_narrows_and_p_only_falls()
    {
        var random = new Philox(82);
        var course = Course(Days(30, 300, (_, arm) => Exposed.Unit(arm, [random.Uniform() < (arm == 0 ? 0.2 : 0.23) ? 1 : 0])), 30);
        var shown = course.Points.Where(p => !double.IsNaN(p.P)).ToList();
        Assert.True(shown.Count > 25);
        foreach (var (before, after) in shown.Zip(shown.Skip(1)))
        {
            Assert.True(after.P <= before.P);
            Assert.True(after.Absolute.RunningLow >= before.Absolute.RunningLow && after.Absolute.RunningHigh <= before.Absolute.RunningHigh);
        }

        Assert.False(course.Drifts);
    }

    [Fact] // the first 100 units an arm and 20 of each answer come only after some days
    public void Days_with_too_little_have_no_number()
    {
        var random = new Philox(83);
        var course = Course(Days(10, 50, (_, arm) => Exposed.Unit(arm, [random.Uniform() < 0.3 ? 1 : 0])), 10);
        Assert.True(double.IsNaN(course.Points[0].Absolute.Estimate) && double.IsNaN(course.Points[0].P));
        Assert.False(double.IsNaN(course.Points[^1].Absolute.Estimate));
        Assert.Null(course.Trend);
        Assert.Empty(course.Weekdays);
    }

    [Fact]
    public void An_effect_that_fades_has_a_trend_and_drifts()
    {
        var random = new Philox(84);
        var course = Course(Days(28, 2_000, (day, arm) => Exposed.Unit(arm, [random.Uniform() < 0.2 + (arm == 0 || day > 8 ? 0 : 0.2) ? 1 : 0])), 28);
        Assert.True(course.Trend!.High < 0, $"trend up to {course.Trend.High}");
        Assert.True(course.Drifts);
        Assert.Equal(7, course.Weekdays.Length);
    }

    [Fact] // 28 days from Sunday 1 March 2026: the effect is there on Saturdays alone
    public void An_effect_of_one_day_of_the_week_is_found_there()
    {
        var random = new Philox(85);
        var course = Course(Days(28, 2_000, (day, arm) => Exposed.Unit(arm, [random.Uniform() < 0.2 + (arm == 1 && day % 7 == 6 ? 0.15 : 0) ? 1 : 0])), 28);
        Assert.True(course.WeekdayP < 0.001);
        Assert.Equal(5, course.Weekdays.MaxBy(w => w.Estimate)!.Day);
    }

    private static TimeCourse Course(IEnumerable<ExposedUnit> units, int days) =>
        Exposed.Report(Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)), "purchase", days: days), Exposed.Blueprint(Purchase), units).Metrics[0].Comparisons[0].Course!;

    private static IEnumerable<ExposedUnit> Days(int days, int perDay, Func<int, int, ExposedUnit> unit)
    {
        for (var day = 0; day < days; day++)
            for (var i = 0; i < perDay; i++)
            {
                var made = unit(day, i % 2);
                yield return made with { Decision = made.Decision with { Time = Exposed.Start.AddDays(day).AddMinutes(i % 1_440) } };
            }
    }
}

using System.Globalization;
using System.Text;

namespace Looper.Core.Experiments;

/// <summary>How a report's absolute effects lie in time, as rows: until each day and on it, by day of the week, and by days since a unit's first
/// decision. p stands where a whole view is judged: in the row that ends it.</summary>
public static class ReportSeriesCsv
{
    private static readonly string[] Columns =
        ["experiment", "computed_until", "outcome", "arm", "baseline", "view", "from", "until", "units", "estimate", "low", "high", "p", "adjusted_p", "method"];

    private static readonly string[] Weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    public static string Write(ReportContent report)
    {
        var text = new StringBuilder().AppendJoin(',', Columns).Append("\r\n");
        foreach (var metric in report.Metrics)
            foreach (var comparison in metric.Comparisons)
                foreach (var row in Rows(comparison))
                {
                    object?[] cells = [report.Settings.Experiment, report.Settings.DataUntil, metric.Outcome, comparison.Arm, metric.Arms[0].Arm,
                        row.View, row.From, row.Until, row.Units, row.Estimate, row.Low, row.High, row.P, row.AdjustedP, row.Method];
                    text.AppendJoin(',', cells.Select(ReportCsv.Cell)).Append("\r\n");
                }

        return text.ToString();
    }

    private static IEnumerable<Row> Rows(Comparison comparison)
    {
        if (comparison.Course is { } course)
        {
            foreach (var point in course.Points)
                yield return new("cumulative", Day(course.Points[0].Day), Day(point.Day), point.Units, point.Absolute.Estimate, point.Absolute.Low, point.Absolute.High, P: point.P);
            foreach (var point in course.Points)
                yield return new("daily", Day(point.Day), Day(point.Day), null, point.Daily.Estimate, point.Daily.Low, point.Daily.High);
            if (course.Trend is { } trend)
                yield return new("trend-per-day", Day(course.Points[0].Day), Day(course.Points[^1].Day), null, trend.PerDay, trend.Low, trend.High, trend.P, trend.AdjustedP, trend.Method);
            foreach (var weekday in course.Weekdays)
                yield return new("weekday", Weekdays[weekday.Day], Weekdays[weekday.Day], weekday.Units, weekday.Estimate, weekday.Low, weekday.High);
            if (course.Weekdays.Length > 0)
                yield return new("weekdays-differ", Weekdays[0], Weekdays[^1], null, double.NaN, double.NaN, double.NaN, course.WeekdayP, course.WeekdayAdjustedP, course.WeekdayMethod);
        }

        if (comparison.Novelty is not { Stages: { IsDefaultOrEmpty: false } stages } novelty) yield break;
        foreach (var stage in stages)
            yield return new("days-since-first", Number(stage.FromDay), Number(stage.UntilDay), novelty.BaselineUnits + novelty.ArmUnits, stage.Estimate, stage.Low, stage.High);
        yield return new("novelty-per-day", Number(stages[0].FromDay), Number(stages[^1].UntilDay), novelty.BaselineUnits + novelty.ArmUnits,
            novelty.PerDay, novelty.Low, novelty.High, novelty.P, novelty.AdjustedP, novelty.Method);
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Number(int day) => day.ToString(CultureInfo.InvariantCulture);

    private sealed record Row(string View, string From, string Until, long? Units, double Estimate, double Low, double High, double P = double.NaN, double AdjustedP = double.NaN, string? Method = null);
}

using System.Globalization;
using Looper.Core.Ledger;
using Looper.Web.Console.Charts;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Ledger;

/// <summary>The total gain as it grew (K30).</summary>
internal static class GainChart
{
    /// <summary>Null where there are not two days to draw a line between.</summary>
    public static LineChart? Of(Gain gain)
    {
        var points = gain.Course.SkipWhile(p => double.IsNaN(p.Total.Value)).ToList();
        if (points.Count < 2) return null;
        var what = GainWords.What(gain.Goal, gain.UnitOfMeasure);
        return new(
            $"How much {what} have the decisions brought over the baseline?", new("Day", AxisKind.Time), new(what), [.. points.Select(p => Day(p.Until.AddDays(-1)))],
            [
                new("total gain", [.. points.Select(p => p.Total.Value)]) { Low = [.. points.Select(p => p.Total.Low)], High = [.. points.Select(p => p.Total.High)] },
                new("baseline", [.. points.Select(_ => 0.0)]) { IsBaseline = true },
            ])
        {
            Marks = [.. gain.Launches.Where(l => l.At >= points[0].Until.AddDays(-1) && l.At < points[^1].Until).Select(l => new Mark(Day(l.At), $"version {l.Version}")), .. NotMeasured(gain, points[0].Until.AddDays(-1), points[^1].Until)],
            Basis = $"{Shown.Plural(gain.Decisions, "decision")}, against units that kept the baseline; {Shown.Level(Gain.Level)}",
            HowComputed = $"Within each stretch in which the same part of the units kept the baseline: decisions × (their mean − the mean of those that kept it), added up. The interval counts a unit once, over all stretches ({gain.Method}). Each day shows what could be told by its end.",
        };
    }

    private static IEnumerable<Mark> NotMeasured(Gain gain, DateTimeOffset from, DateTimeOffset until) => gain.Stretches
        .Where(s => s.WhyNot is not null && s.Until > from && s.From < until).Select(s => new Mark(Day(s.From > from ? s.From : from), $"not measured until {Day(s.Until)}"));

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

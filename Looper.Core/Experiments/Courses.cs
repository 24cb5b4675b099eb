using System.Collections.Immutable;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>Adds the days up, one after the other, and reads each as it could have been read then.</summary>
internal static class Courses
{
    private const int LeastDaysForTrend = 7, LeastDaysForWeekdays = 14;
    private static readonly DateOnly Monday = new(2001, 1, 1);

    public static TimeCourse Of(ReportSettings settings, MetricSums sums, int arm, Needs needs)
    {
        var points = ImmutableArray.CreateBuilder<CoursePoint>();
        DayCell control = sums.Days.Empty(), treatment = sums.Days.Empty();
        Running absolute = new(), relative = new();
        var p = double.NaN;
        List<Effect> daily = [];
        List<int> days = [];
        foreach (var (day, cells) in sums.Days.Days)
        {
            control.Add(cells[0]);
            treatment.Add(cells[arm]);
            var then = sums.With(arm, control, treatment);
            var ready = needs.ForEffect(then, arm) is null;
            var effects = ready ? Comparisons.Effects(settings, then, arm) : null;
            if (effects is not null) p = double.IsNaN(p) ? effects.Absolute.Sequential.P : Math.Min(p, effects.Absolute.Sequential.P);
            var today = Today(then, arm, cells[0], cells[arm]);
            daily.Add(today);
            days.Add(day);
            var interval = Reading.Fixed(today, settings.Plan.Level).Interval;
            points.Add(new(DateOnly.FromDayNumber(day), (long)(control.Values.Count + treatment.Values.Count), p,
                absolute.Next(effects?.Absolute), relative.Next(effects?.Relative), new(today.Value, interval.Low, interval.High)));
        }

        return new()
        {
            Points = points.ToImmutable(),
            Drifts = absolute.Drifts,
            Trend = Trend(daily, days, settings.Plan.Level),
            Weekdays = Weekdays(daily, days, settings.Plan.Level, out var weekdayP),
            WeekdayP = weekdayP,
        };
    }

    /// <summary>Takes into account how many metrics and arms were looked at for a trend and for days of the week that differ.</summary>
    public static ImmutableArray<MetricFigures> Corrected(ImmutableArray<MetricFigures> metrics)
    {
        var all = metrics.SelectMany(m => m.Comparisons).Select(c => c.Course).ToList();
        var trends = MultipleComparisons.BenjaminiHochberg([.. all.Select(c => c?.Trend?.P ?? double.NaN)]);
        var weekdays = MultipleComparisons.BenjaminiHochberg([.. all.Select(c => c?.WeekdayP ?? double.NaN)]);
        var next = 0;
        TimeCourse? One(TimeCourse? course)
        {
            var at = next++;
            return course is null ? null : course with { Trend = course.Trend is { } trend ? trend with { AdjustedP = trends[at] } : null, WeekdayAdjustedP = weekdays[at] };
        }

        return [.. metrics.Select(m => m with { Comparisons = [.. m.Comparisons.Select(c => c with { Course = One(c.Course) })] })];
    }

    private static Effect Today(MetricSums sums, int arm, DayCell control, DayCell treatment) =>
        control.Values.Count < Needs.ForMeans || treatment.Values.Count < Needs.ForMeans
            ? Effect.Undefined(Scale.Absolute, MeanDifference.Method, Cause.TooFewUnits, control.Values.Count + treatment.Values.Count)
            : MeanDifference.Between(sums.With(arm, control, treatment).Summary(0), sums.With(arm, control, treatment).Summary(arm));

    private static TrendFigures? Trend(List<Effect> daily, List<int> days, double level)
    {
        if (daily.Count(e => e.IsDefined) < LeastDaysForTrend) return null;
        var trend = Heterogeneity.Trend([.. daily], [.. days.Select(d => (double)d)]);
        var reading = Reading.Fixed(trend, level);
        return trend.IsDefined ? new(trend.Value, reading.Interval.Low, reading.Interval.High, reading.P, (int)trend.Units, trend.Method) : null;
    }

    private static ImmutableArray<WeekdayEffect> Weekdays(List<Effect> daily, List<int> days, double level, out double p)
    {
        p = double.NaN;
        if (daily.Count(e => e.IsDefined) < LeastDaysForWeekdays) return [];
        var combined = Enumerable.Range(0, 7)
            .Select(weekday => Epochs.Combine([.. daily.Where((_, i) => Weekday(days[i]) == weekday)])).ToArray();
        p = Heterogeneity.P(combined);
        return [.. combined.Select((effect, weekday) =>
        {
            var interval = Reading.Fixed(effect, level).Interval;
            return new WeekdayEffect(weekday, effect.Value, interval.Low, interval.High, (long)effect.Units);
        })];
    }

    private static int Weekday(int day) => ((day - Monday.DayNumber) % 7 + 7) % 7;

    /// <summary>What all looks until now agree on.</summary>
    private sealed class Running
    {
        private Interval _agreed = new(double.NegativeInfinity, double.PositiveInfinity);

        public bool Drifts { get; private set; }

        public CourseBand Next(EffectFigures? figures)
        {
            if (figures is null || figures.Why is not null) return new(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);
            var now = new Interval(figures.Sequential.Low, figures.Sequential.High);
            if (!Drifts)
            {
                _agreed = _agreed.Intersect(now);
                Drifts = !_agreed.IsDefined;
            }

            return new(figures.Estimate, now.Low, now.High, _agreed.Low, _agreed.High);
        }
    }
}

using System.Collections.Immutable;

namespace Looper.Core.Experiments;

/// <summary>How one comparison came about, by the day on which units entered. Only units whose window is closed, as in the scorecard, so the last
/// point is the scorecard's number.</summary>
public sealed record TimeCourse
{
    public required ImmutableArray<CoursePoint> Points { get; init; }

    /// <summary>The always-valid intervals of different days do not meet: the effect itself changes.</summary>
    public bool Drifts { get; init; }

    /// <summary>Change of the daily absolute effect per day; null under seven days with enough units.</summary>
    public TrendFigures? Trend { get; init; }

    /// <summary>Effect by day of the week, Monday first; empty under two weeks.</summary>
    public ImmutableArray<WeekdayEffect> Weekdays { get; init; } = [];

    /// <summary>p of all days of the week having the same effect; NaN when not judged.</summary>
    public double WeekdayP { get; init; } = double.NaN;

    /// <summary>The same over all metrics and arms (Benjamini–Hochberg); NaN when not judged.</summary>
    public double WeekdayAdjustedP { get; init; } = double.NaN;

    public string WeekdayMethod { get; init; } = Statistics.Heterogeneity.Method;
}

/// <param name="Day">Day of exposure, UTC.</param>
/// <param name="Units">Units of both arms entered until then, windows closed.</param>
/// <param name="P">Least always-valid p of the absolute effect on any day until then; NaN while there is too little.</param>
public sealed record CoursePoint(DateOnly Day, long Units, double P, CourseBand Absolute, CourseBand Relative, DailyEffect Daily);

/// <param name="Low">Lower end of this day's always-valid interval.</param>
/// <param name="RunningLow">Lower end of what all days until then agree on; NaN once they no longer meet.</param>
public sealed record CourseBand(double Estimate, double Low, double High, double RunningLow, double RunningHigh);

/// <summary>Absolute effect on the units that entered on one day, with its fixed interval; NaN below thirty units an arm.</summary>
public sealed record DailyEffect(double Estimate, double Low, double High);

/// <param name="PerDay">In the outcome's unit per day.</param>
public sealed record TrendFigures(double PerDay, double Low, double High, double P, int Days, string Method)
{
    /// <summary>p over all metrics and arms (Benjamini–Hochberg).</summary>
    public double AdjustedP { get; init; } = double.NaN;
}

/// <param name="Day">0 is Monday.</param>
public sealed record WeekdayEffect(int Day, double Estimate, double Low, double High, long Units);

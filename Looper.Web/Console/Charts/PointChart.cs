using System.Collections.Immutable;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Charts;

/// <summary>A point with bounds where it has them; NaN for none.</summary>
public sealed record PlotPoint(string Label, double X, double Y)
{
    /// <summary>The word at which it stands on an axis of categories.</summary>
    public string? Category { get; init; }

    public double XLow { get; init; } = double.NaN;

    public double XHigh { get; init; } = double.NaN;

    public double Low { get; init; } = double.NaN;

    public double High { get; init; } = double.NaN;

    /// <summary>A chance that belongs to the place, drawn in a strip below; NaN for none.</summary>
    public double Chance { get; init; } = double.NaN;
}

public enum PointStyle
{
    Points,

    /// <summary>Hollow: not to be taken.</summary>
    Hollow,

    /// <summary>A line through the points, with a band where they have bounds.</summary>
    Line,

    /// <summary>A level until the next point, with a band where they have bounds.</summary>
    Steps,
}

/// <summary>Points of one kind.</summary>
public sealed record PointGroup(string Name, ImmutableArray<PlotPoint> Points)
{
    public PointStyle Style { get; init; }

    /// <summary>Drawn in the neutral colour of the baseline, dashed.</summary>
    public bool IsBaseline { get; init; }
}

/// <summary>A straight mark across a chart.</summary>
/// <param name="IsBound">A bound to be kept, rather than a value to compare with.</param>
public sealed record Level(double At, string Label, bool IsBound = false);

/// <summary>Points and curves over two axes of numbers, or over categories and numbers (K10, K23, K24, K25).</summary>
public sealed record PointChart(string Question, Axis XAxis, Axis YAxis, ImmutableArray<PointGroup> Groups) : Chart(Question)
{
    /// <summary>Upright marks.</summary>
    public ImmutableArray<Level> XLevels { get; init; } = [];

    /// <summary>Lying marks.</summary>
    public ImmutableArray<Level> YLevels { get; init; } = [];

    /// <summary>Title of the strip of chances below; null for none.</summary>
    public string? ChanceTitle { get; init; }

    internal bool IsOfCategories => XAxis.Kind == AxisKind.Category;

    public override ChartTable Table
    {
        get
        {
            var all = Groups.SelectMany(g => g.Points.Select(p => (Group: g.Name, Point: p))).ToList();
            List<(string, Func<(string Group, PlotPoint Point), string>)> columns = [("Point", r => r.Point.Label), (XAxis.Title, r => r.Point.Category ?? Tables.Write(r.Point.X, XAxis))];
            if (all.Exists(r => double.IsFinite(r.Point.XLow))) columns.AddRange([($"{XAxis.Title}: from", r => Tables.Write(r.Point.XLow, XAxis)), ("to", r => Tables.Write(r.Point.XHigh, XAxis))]);
            columns.Add((YAxis.Title, r => Tables.Write(r.Point.Y, YAxis)));
            if (all.Exists(r => double.IsFinite(r.Point.Low))) columns.AddRange([($"{YAxis.Title}: from", r => Tables.Write(r.Point.Low, YAxis)), ("to", r => Tables.Write(r.Point.High, YAxis))]);
            if (ChanceTitle is not null) columns.Add((ChanceTitle, r => Shown.Probability(r.Point.Chance)));
            columns.Add(("Kind", r => r.Group));
            return ChartTable.Of(all, [.. columns]);
        }
    }
}

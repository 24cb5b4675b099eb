using System.Collections.Immutable;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Charts;

/// <summary>The mean prediction at one value of a feature.</summary>
/// <param name="Value">Of a number; NaN for a category and for missing.</param>
/// <param name="Share">Of the rows that have it; NaN for a number, whose rows the bars count.</param>
public sealed record DependencePoint(string Label, double Value, double Prediction, double Share)
{
    public bool IsMissing { get; init; }
}

/// <summary>How the mean prediction moves with one feature, over a strip that shows where there are rows. A missing value is a level of its own.</summary>
/// <param name="XAxis">A number, or a category.</param>
/// <param name="Edges">Of the strip's bars; empty for a category.</param>
/// <param name="Shares">Of the rows, per bar.</param>
public sealed record DependenceChart(
    string Question, Axis XAxis, Axis YAxis, ImmutableArray<DependencePoint> Points, ImmutableArray<double> Edges, ImmutableArray<double> Shares) : Chart(Question)
{
    /// <summary>Ends of the vertical axis, where several charts share one; NaN leaves it to the points.</summary>
    public double Low { get; init; } = double.NaN;

    public double High { get; init; } = double.NaN;

    internal bool IsNumber => XAxis.Kind == AxisKind.Number;

    /// <summary>The points of a number are as many rows apart: their shares would say nothing.</summary>
    public override ChartTable Table => IsNumber && Points.All(p => double.IsNaN(p.Share))
        ? ChartTable.Of(Points, (XAxis.Title, p => p.Label), (YAxis.Title, p => Tables.Write(p.Prediction, YAxis)))
        : ChartTable.Of(Points, (XAxis.Title, p => p.Label), (YAxis.Title, p => Tables.Write(p.Prediction, YAxis)), ("Share of examples", p => Shown.Percent(p.Share)));
}

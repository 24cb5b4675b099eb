using System.Collections.Immutable;

namespace Looper.Web.Console.Charts;

/// <summary>Several numbers of each thing as one line across upright axes, each axis over its own range (K27).</summary>
/// <param name="Axes">From left to right.</param>
/// <param name="Groups">Names of the kinds of lines; the last is drawn on top.</param>
public sealed record ParallelChart(string Question, ImmutableArray<ParallelAxis> Axes, ImmutableArray<string> Groups, ImmutableArray<ParallelLine> Lines) : Chart(Question)
{
    /// <summary>What a line stands for, as the table's first column.</summary>
    public string One { get; init; } = "Line";

    public override ChartTable Table => new([One, .. Axes.Select(a => a.Axis.Title), "Kind"],
        [.. Lines.Select(line => (ImmutableArray<string>)[line.Label, .. Axes.Select((axis, j) => axis.Write(line.Values[j])), Groups[line.Group]])]);
}

/// <param name="Low">Value at its foot.</param>
/// <param name="High">Value at its top, above the other.</param>
public sealed record ParallelAxis(Axis Axis, double Low, double High)
{
    /// <summary>Words of a category, whose values are their numbers.</summary>
    public ImmutableArray<string> Words { get; init; } = [];

    internal double HeightOf(double value) => Axis.Kind == AxisKind.LogNumber ? Math.Log(value / Low) / Math.Log(High / Low) : (value - Low) / (High - Low);

    internal string Write(double value) => !Words.IsEmpty && value >= 0 && value < Words.Length ? Words[(int)value] : Tables.Write(value, Axis);
}

/// <param name="Values">One for each axis; NaN leaves a gap.</param>
/// <param name="Group">Place of its kind among the groups.</param>
public sealed record ParallelLine(string Label, ImmutableArray<double> Values, int Group);

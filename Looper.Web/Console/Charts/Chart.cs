using System.Collections.Immutable;

namespace Looper.Web.Console.Charts;

/// <summary>What to draw, in the product's words. Undefined points are NaN: a gap in the picture, a dash in the table.</summary>
/// <param name="Question">The heading: the question the chart answers.</param>
public abstract record Chart(string Question)
{
    /// <summary>The line under the heading: n, range, method, level, time.</summary>
    public string? Basis { get; init; }

    /// <summary>How the numbers were computed, for whoever asks.</summary>
    public string? HowComputed { get; init; }

    /// <summary>The same numbers as the picture.</summary>
    public abstract ChartTable Table { get; }
}

/// <summary>Numbers over the chart's horizontal axis, one per position.</summary>
public sealed record Series(string Name, ImmutableArray<double> Values)
{
    public ImmutableArray<double> Low { get; init; } = [];

    public ImmutableArray<double> High { get; init; } = [];

    /// <summary>Drawn in the neutral colour of the baseline, dashed.</summary>
    public bool IsBaseline { get; init; }
}

/// <summary>An axis: its title with the unit, and how its numbers are written.</summary>
public sealed record Axis(string Title, AxisKind Kind = AxisKind.Number);

public enum AxisKind
{
    Number,
    Percent,
    Time,
    Category,
    LogNumber,
}

/// <summary>A dotted mark at a moment: publish, promotion, phase, alert.</summary>
public sealed record Mark(string X, string Label);

using System.Collections.Immutable;
using Looper.Core.Learning;

namespace Looper.Core.Models;

/// <summary>How a model's mean prediction moves with one feature, and how many rows stand behind each part of the curve.</summary>
/// <param name="IsNumber">False for a category.</param>
/// <param name="Levels">Numbers ascending, or categories; where values are missing, the missing one comes last.</param>
/// <param name="Edges">For a number: edges of the bars of <paramref name="Counts"/>, one more than those; empty for a category.</param>
/// <param name="Counts">Rows per bar.</param>
/// <param name="Rows">Rows looked at.</param>
public sealed record FeatureDependence(
    string Feature, bool IsNumber, ImmutableArray<DependenceLevel> Levels, ImmutableArray<double> Edges, ImmutableArray<int> Counts, int Rows)
{
    private const int Bars = 20;
    private const double Tail = 0.01;

    public static FeatureDependence Of(IPredictor predictor, DataSet data, int column)
    {
        ArgumentNullException.ThrowIfNull(data);
        var of = data.Columns[column];
        var values = data.Values[column];
        var levels = PartialDependence.Of(predictor, data, column).Select(point => new DependenceLevel(
            double.IsNaN(point.Value) || of.Kind == ColumnKind.Number ? "" : of.Categories[(int)point.Value],
            of.Kind == ColumnKind.Number ? point.Value : double.NaN, point.Prediction, double.IsNaN(point.Value),
            of.Kind == ColumnKind.Number && !double.IsNaN(point.Value) ? 0 : values.Count(v => v.Equals(point.Value)))).ToImmutableArray();
        var (edges, counts) = of.Kind == ColumnKind.Number ? Histogram(values) : ([], []);
        return new(of.Name, of.Kind == ColumnKind.Number, levels, edges, counts, data.Rows);
    }

    /// <summary>Bars of equal width between the lowest and the highest hundredth, which go into the first and the last.</summary>
    internal static (ImmutableArray<double> Edges, ImmutableArray<int> Counts) Histogram(double[] values)
    {
        var present = values.Where(double.IsFinite).Order().ToArray();
        if (present.Length == 0) return ([], []);
        double low = present[(int)(present.Length * Tail)], high = present[(int)Math.Min(present.Length - 1, present.Length * (1 - Tail))];
        if (!(high > low)) return ([low, low], [present.Length]);
        var distinct = present.Distinct().Take(Bars + 1).Count();
        var bars = Math.Min(Bars, Math.Max(2, distinct));
        var counts = new int[bars];
        foreach (var value in present) counts[Math.Clamp((int)((value - low) / (high - low) * bars), 0, bars - 1)]++;
        return ([.. Enumerable.Range(0, bars + 1).Select(i => low + (high - low) * i / bars)], [.. counts]);
    }
}

/// <param name="Text">The category; empty for a number and for missing.</param>
/// <param name="Value">The number; NaN for a category and for missing.</param>
/// <param name="Prediction">Mean prediction when every row has this value, the rest as it is.</param>
/// <param name="Rows">Rows that have it; 0 for a number, whose rows the bars count.</param>
public sealed record DependenceLevel(string Text, double Value, double Prediction, bool IsMissing, int Rows);

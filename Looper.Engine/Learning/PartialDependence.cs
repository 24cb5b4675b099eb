using System.Collections.Immutable;

namespace Looper.Core.Learning;

/// <summary>One point of a partial dependence curve.</summary>
/// <param name="Value">The column's value: a number or a category's code; NaN for missing.</param>
/// <param name="Prediction">Mean prediction when every row has that value, the rest as it is.</param>
public readonly record struct DependencePoint(double Value, double Prediction);

/// <summary>How the mean prediction moves with one column.</summary>
public static class PartialDependence
{
    private const int Points = 20, MostRows = 1_000;

    /// <summary>The curve over up to 20 quantiles of a number, or the levels of a category; missing comes last where it occurs.</summary>
    /// <param name="predictor">With one output, or the last output of several.</param>
    /// <param name="data">Rows to average over; at most 1,000 evenly spread ones are used.</param>
    /// <param name="column">Index of the column.</param>
    /// <remarks>Friedman 2001, section 8.2. It mixes combinations that do not occur when columns go together.</remarks>
    public static ImmutableArray<DependencePoint> Of(IPredictor predictor, DataSet data, int column)
    {
        var step = Math.Max(1, data.Rows / MostRows);
        int[] rows = [.. Enumerable.Range(0, data.Rows / step).Select(i => i * step)];
        var row = new double[data.Columns.Length];
        return [.. Values(data, column).Select(value =>
        {
            var sum = 0.0;
            foreach (var i in rows)
            {
                data.CopyRow(i, row);
                row[column] = value;
                sum += predictor.Predict(row);
            }
            return new DependencePoint(value, rows.Length == 0 ? double.NaN : sum / rows.Length);
        })];
    }

    private static List<double> Values(DataSet data, int column)
    {
        var present = data.Values[column].Where(double.IsFinite).Order().ToArray();
        var values = data.Columns[column].Kind == ColumnKind.Category
            ? present.GroupBy(x => x).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).Take(Points).Select(g => g.Key).Order().ToList()
            : Enumerable.Range(0, Points).Where(_ => present.Length > 0).Select(k => present[(int)((present.Length - 1L) * k / (Points - 1))]).Distinct().ToList();
        if (present.Length < data.Rows) values.Add(double.NaN);
        return values;
    }
}

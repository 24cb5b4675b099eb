using System.Collections.Immutable;

namespace Looper.Core.Learning;

/// <summary>How a column's values are to be read by a learner.</summary>
public enum ColumnKind
{
    /// <summary>Ordered: any finite double, NaN where missing.</summary>
    Number,

    /// <summary>Unordered: a code 0, 1, 2… into <see cref="Column.Categories"/>, NaN where missing or unknown.</summary>
    Category,
}

/// <summary>Name, kind and, for a category, the table from code to text of one column.</summary>
/// <param name="Name">The feature's name, with what it stands for in brackets where a feature has several columns.</param>
/// <param name="Kind">Number (booleans are 0 and 1) or category.</param>
/// <param name="Categories">Text of code k at index k; empty for numbers.</param>
public sealed record Column(string Name, ColumnKind Kind, ImmutableArray<string> Categories)
{
    /// <summary>The feature that a column belongs to: what stands before the first bracket of <c>interests[sport]</c> or <c>embedding[3]</c>, else its name. What one
    /// feature is worth, costs or moves is that of its columns together.</summary>
    /// <param name="name">A column's name.</param>
    public static string FeatureOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var bracket = name.IndexOf('[', StringComparison.Ordinal);
        return bracket > 0 && name[^1] == ']' ? name[..bracket] : name;
    }
}

/// <summary>Examples in columns: values[j][i] is column j of row i. Rows are in time order, oldest first.</summary>
public sealed class DataSet
{
    /// <param name="columns">One description per column.</param>
    /// <param name="values">One array per column, each of the same length; not copied.</param>
    /// <param name="labels">One finite label per row; not copied.</param>
    /// <param name="weights">One weight ≥ 0 per row, or null for all 1; not copied.</param>
    /// <exception cref="ArgumentException">Lengths differ.</exception>
    public DataSet(ImmutableArray<Column> columns, double[][] values, double[] labels, double[]? weights = null)
    {
        if (values.Length != columns.Length) throw new ArgumentException($"{columns.Length} columns are described, {values.Length} given.", nameof(values));
        if (values.Any(v => v.Length != labels.Length)) throw new ArgumentException("Every column needs one value per label.", nameof(values));
        if (weights is not null && weights.Length != labels.Length) throw new ArgumentException("Give one weight per label.", nameof(weights));
        (Columns, Values, Labels, Weights) = (columns, values, labels, weights);
    }

    /// <summary>Descriptions, in the order of <see cref="Values"/>.</summary>
    public ImmutableArray<Column> Columns { get; }

    /// <summary>Column-major values; NaN where missing.</summary>
    public double[][] Values { get; }

    /// <summary>What is to be predicted, one per row.</summary>
    public double[] Labels { get; }

    /// <summary>Row weights, or null when all are 1.</summary>
    public double[]? Weights { get; }

    /// <summary>For a ranking: the query of every row, rows of one query side by side; null otherwise.</summary>
    public int[]? Groups { get; init; }

    /// <summary>Number of rows.</summary>
    public int Rows => Labels.Length;

    /// <summary>Some of the rows, in the order given, as a data set of its own.</summary>
    /// <param name="rows">Indices into this data set.</param>
    public DataSet Take(ReadOnlySpan<int> rows)
    {
        var picked = rows.ToArray();
        double[] Of(double[] column) => Array.ConvertAll(picked, i => column[i]);
        return new(Columns, Array.ConvertAll(Values, Of), Of(Labels), Weights is null ? null : Of(Weights))
        {
            Groups = Groups is null ? null : Array.ConvertAll(picked, i => Groups[i]),
        };
    }

    /// <summary>Copies one row.</summary>
    /// <param name="index">Which row.</param>
    /// <param name="row">Length of <see cref="Columns"/>, overwritten.</param>
    public void CopyRow(int index, Span<double> row)
    {
        for (var j = 0; j < Values.Length; j++) row[j] = Values[j][index];
    }

    /// <summary>All outputs of a predictor for every row.</summary>
    /// <param name="predictor">Fitted on the same columns.</param>
    public double[][] AllPredictions(IPredictor predictor)
    {
        var (row, predictions) = (new double[Columns.Length], new double[Rows][]);
        for (var i = 0; i < predictions.Length; i++)
        {
            CopyRow(i, row);
            predictor.Predict(row, predictions[i] = new double[predictor.Outputs]);
        }
        return predictions;
    }

    /// <summary>A predictor's answer for every row.</summary>
    /// <param name="predictor">Fitted on the same columns; for several outputs its last one.</param>
    public double[] Predictions(IPredictor predictor)
    {
        var (row, predictions) = (new double[Columns.Length], new double[Rows]);
        for (var i = 0; i < predictions.Length; i++)
        {
            CopyRow(i, row);
            predictions[i] = predictor.Predict(row);
        }
        return predictions;
    }
}

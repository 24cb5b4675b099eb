namespace Looper.Core.Learning.Splines;

/// <summary>Rows to learn from.</summary>
/// <param name="columns">How they are read.</param>
/// <param name="data">The rows.</param>
internal sealed class SplineRows(SplineColumns columns, DataSet data)
{
    public SplineColumns Columns => columns;

    /// <summary>Of every column, its value in every row.</summary>
    public double[][] Values { get; } = [.. data.Values.Select((v, j) => Array.ConvertAll(v, raw => columns.At(j, raw)))];

    /// <summary>Of every column, the bin of every row.</summary>
    public byte[][] Bins { get; } = [.. data.Values.Select((v, j) => Array.ConvertAll(v, raw => columns.BinOf(j, raw)))];

    /// <summary>Root of every row's weight.</summary>
    public double[] Roots { get; } = [.. Enumerable.Range(0, data.Rows).Select(i => Math.Sqrt(data.Weights?[i] ?? 1))];

    public double[] Labels => data.Labels;
}

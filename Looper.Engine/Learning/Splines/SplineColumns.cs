using Looper.Core.Learning.Trees;

namespace Looper.Core.Learning.Splines;

/// <summary>How columns are read: numbers standardised, missing ones at their mean, none beyond those learned from; categories as levels.</summary>
internal sealed class SplineColumns
{
    private const int Ranges = 32;
    private readonly ColumnBins[] _bins;
    private readonly (double Mean, double Scale, double Low, double High)[] _scales;

    /// <param name="data">What is learned from.</param>
    /// <param name="seed">Fixes the sample that knots are made of.</param>
    public SplineColumns(DataSet data, long seed)
    {
        _bins = [.. data.Columns.Select((c, j) => ColumnBins.Of(c, data.Values[j], Ranges, seed))];
        _scales = [.. data.Values.Select((v, j) => IsCategory(j) ? default : Scale(v))];
        Knots = [.. _bins.Select((b, j) => Array.ConvertAll(b.Cuts, c => At(j, c)))];
    }

    public int Count => _bins.Length;

    /// <summary>Of every number, where it may bend or step: knot k lies between bins k + 1 and k + 2.</summary>
    public double[][] Knots { get; }

    public bool IsCategory(int column) => _bins[column].IsCategory;

    /// <summary>Bins of a column, with bin 0, of missing categories.</summary>
    public int BinsOf(int column) => _bins[column].Count;

    /// <summary>A column's value.</summary>
    /// <param name="column">Index.</param>
    /// <param name="raw">As the data has it; NaN where missing.</param>
    public double At(int column, double raw)
    {
        if (IsCategory(column)) return _bins[column].BinOf(raw);
        var (mean, scale, low, high) = _scales[column];
        return double.IsFinite(raw) ? (Math.Clamp(raw, low, high) - mean) / scale : 0;
    }

    /// <summary>The bin of a column's value; a missing number has its mean's.</summary>
    public byte BinOf(int column, double raw) => _bins[column].BinOf(IsCategory(column) || double.IsFinite(raw) ? raw : _scales[column].Mean);

    private static (double, double, double, double) Scale(double[] values)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        if (finite.Length == 0) return (0, 1, 0, 0);
        var mean = finite.Average();
        var deviation = Math.Sqrt(finite.Average(v => (v - mean) * (v - mean)));
        return (mean, deviation > 0 ? deviation : 1, finite.Min(), finite.Max());
    }
}

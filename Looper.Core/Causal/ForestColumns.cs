using Looper.Core.Learning;
using Looper.Core.Learning.Trees;

namespace Looper.Core.Causal;

/// <summary>Columns as a causal forest sees them: up to 63 ranks each, 0 for missing. Categories are ranked by mean outcome.</summary>
internal sealed class ForestColumns
{
    public const int Ranks = 64;
    private readonly ColumnBins[] _bins;
    private readonly byte[][] _order;

    /// <param name="units">Features; the label ranks the levels of a category.</param>
    /// <param name="seed">Fixes the sample that cuts are made of.</param>
    public ForestColumns(DataSet units, long seed)
    {
        _bins = [.. units.Columns.Select((c, j) => ColumnBins.Of(c, units.Values[j], Ranks, seed))];
        _order = [.. _bins.Select((b, j) => Order(b, units, j))];
        Rows = [.. _bins.Select((b, j) => Array.ConvertAll(units.Values[j], v => _order[j][b.BinOf(v)]))];
    }

    /// <summary>Rank of every unit, column by column.</summary>
    public byte[][] Rows { get; }

    public int Count => _bins.Length;

    /// <summary>Ranks of other units.</summary>
    public void Rank(ReadOnlySpan<double> row, Span<byte> ranks)
    {
        for (var j = 0; j < _bins.Length; j++) ranks[j] = _order[j][_bins[j].BinOf(row[j])];
    }

    private static byte[] Order(ColumnBins bins, DataSet units, int column)
    {
        byte[] same = [.. Enumerable.Range(0, 256).Select(b => (byte)b)];
        if (!bins.IsCategory) return same;
        double[] sum = new double[256], count = new double[256];
        for (var i = 0; i < units.Rows; i++)
        {
            var bin = bins.BinOf(units.Values[column][i]);
            (sum[bin], count[bin]) = (sum[bin] + units.Labels[i], count[bin] + 1);
        }
        byte rank = 0;
        foreach (var bin in Enumerable.Range(0, bins.Count).OrderBy(b => count[b] > 0 ? sum[b] / count[b] : 0).ThenBy(b => b)) same[bin] = rank++;
        return same;
    }
}

using System.Collections.Immutable;

namespace Looper.Core.Learning.Trees;

/// <summary>A data set as bins. Columns lie in blocks of eight: the eight bins of a row in one word, so that one load feeds eight histograms.</summary>
internal sealed class BinnedRows
{
    public const int Width = 8;

    private BinnedRows(ColumnBins[] bins, ulong[][] blocks, int rows)
    {
        (Bins, Blocks, Rows) = (bins, blocks, rows);
        Varies = [.. Enumerable.Range(0, bins.Length).Select(HasTwoBins)];
    }

    public ColumnBins[] Bins { get; }

    /// <summary>Blocks[j / 8][i], byte j mod 8: the bin of column j in row i.</summary>
    public ulong[][] Blocks { get; }

    public int Rows { get; }

    /// <summary>Per column whether at least two of its bins hold rows.</summary>
    public bool[] Varies { get; }

    public int Columns => Bins.Length;

    /// <summary>Level of every code per column, as an ensemble wants it.</summary>
    public ImmutableArray<ImmutableArray<short>> Levels => [.. Bins.Select(b => b.Levels)];

    public static BinnedRows Of(DataSet data, int maxBins, long seed, Workers workers)
    {
        var bins = new ColumnBins[data.Columns.Length];
        workers.Each(bins.Length, j => bins[j] = ColumnBins.Of(data.Columns[j], data.Values[j], maxBins, seed));
        return With(bins, data, workers);
    }

    /// <summary>Other rows in the bins of these.</summary>
    public static BinnedRows With(ColumnBins[] bins, DataSet data, Workers workers)
    {
        var blocks = new ulong[(bins.Length + Width - 1) / Width][];
        for (var b = 0; b < blocks.Length; b++) blocks[b] = new ulong[data.Rows];
        const int Stretch = 16_384;
        var stretches = (data.Rows + Stretch - 1) / Stretch;
        workers.Each(blocks.Length * stretches, task =>
        {
            var (block, from) = (task / stretches, task % stretches * Stretch);
            Fill(blocks[block], bins, data, block, from, Math.Min(from + Stretch, data.Rows));
        });
        return new(bins, blocks, data.Rows);
    }

    public int BinOf(int row, int column) => (int)(Blocks[column >> 3][row] >> ((column & 7) << 3) & 255);

    private bool HasTwoBins(int column)
    {
        for (var i = 1; i < Rows; i++) if (BinOf(i, column) != BinOf(0, column)) return true;
        return false;
    }

    private static void Fill(ulong[] block, ColumnBins[] bins, DataSet data, int index, int from, int to)
    {
        var last = Math.Min((index + 1) * Width, bins.Length);
        for (var j = index * Width; j < last; j++)
        {
            var (values, shift, column) = (data.Values[j], (j & 7) << 3, bins[j]);
            for (var i = from; i < to; i++) block[i] |= (ulong)column.BinOf(values[i]) << shift;
        }
    }
}

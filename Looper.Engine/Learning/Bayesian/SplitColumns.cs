using System.Collections.Immutable;
using Looper.Core.Learning.Trees;

namespace Looper.Core.Learning.Bayesian;

/// <summary>Columns as splits into two: a number at most one of its cuts goes left, and so does one level of a category against the rest.</summary>
internal sealed class SplitColumns
{
    private const int Bins = 100;
    private readonly ColumnBins[] _bins;

    /// <param name="data">Rows to learn from; constant columns have no split.</param>
    /// <param name="seed">Fixes the sample that cuts are made of.</param>
    public SplitColumns(DataSet data, long seed)
    {
        _bins = [.. data.Columns.Select((c, j) => ColumnBins.Of(c, data.Values[j], Bins, seed))];
        var (sources, ranks) = (new List<(int, int)>(), new List<byte[]>());
        for (var j = 0; j < _bins.Length; j++)
        {
            var bins = _bins[j];
            var own = Array.ConvertAll(data.Values[j], bins.BinOf);
            if (!bins.IsCategory && bins.Cuts.Length > 0) (sources, ranks) = ([.. sources, (j, -1)], [.. ranks, own]);
            for (var level = 0; bins.IsCategory && level < bins.Count - 1; level++)
            {
                var bin = level + 1;
                sources.Add((j, level));
                ranks.Add(Array.ConvertAll(own, b => b == bin ? (byte)1 : (byte)2));
            }
        }
        (Sources, Ranks) = ([.. sources], [.. ranks]);
    }

    private SplitColumns(ColumnBins[] bins, (int, int)[] sources, byte[][] ranks) => (_bins, Sources, Ranks) = (bins, sources, ranks);

    /// <summary>The same splits, of some rows.</summary>
    /// <param name="rows">Which, in order.</param>
    public SplitColumns Of(int[] rows) => new(_bins, Sources, [.. Ranks.Select(r => Array.ConvertAll(rows, i => r[i]))]);

    /// <summary>Column of the data, and the level that goes left; −1 for a number.</summary>
    public (int Column, int Level)[] Sources { get; }

    /// <summary>Rank of every row, one array a source: a split at cut c sends ranks above c right. Missing numbers have 0 and go left.</summary>
    public byte[][] Ranks { get; }

    public int Count => Ranks.Length;

    /// <summary>Level of every code per column, as an ensemble wants it.</summary>
    public ImmutableArray<ImmutableArray<short>> Levels => [.. _bins.Select(b => b.Levels)];

    /// <summary>Cuts are 1 to this.</summary>
    public int Cuts(int source) => Sources[source].Level < 0 ? _bins[Sources[source].Column].Cuts.Length : 1;

    /// <summary>The number that a cut stands for.</summary>
    public double ThresholdOf(int source, int cut) => _bins[Sources[source].Column].Cuts[cut - 1];
}

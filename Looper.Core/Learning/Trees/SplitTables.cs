using System.Collections.Immutable;

namespace Looper.Core.Learning.Trees;

/// <summary>One column of a scoring plan.</summary>
/// <param name="Index">Column of the row.</param>
/// <param name="FirstCut">Where its thresholds begin; there are <paramref name="Ranges"/> − 1.</param>
/// <param name="Ranges">Ranges or levels; the next number is the range of missing.</param>
/// <param name="FirstWord">Where the words of its first range begin.</param>
/// <param name="Words">Words a range.</param>
/// <param name="Levels">Level of every code, for a category.</param>
internal readonly record struct ScoringColumn(int Index, int FirstCut, int Ranges, int FirstWord, int Words, short[]? Levels);

/// <summary>For every column and range of its values the outcome of each split of that column: 1 goes right.</summary>
internal sealed class SplitTables
{
    private readonly Dictionary<(int Tree, int Node), int> _bitOf = [];

    public required ScoringColumn[] Columns { get; init; }
    public required double[] Cuts { get; init; }
    public required uint[] Bits { get; init; }

    public int BitOf(int tree, int node) => _bitOf[(tree, node)];

    /// <summary>Null when the tables would be out of proportion to the trees.</summary>
    public static SplitTables? Of(ImmutableArray<Tree> trees, ImmutableArray<ImmutableArray<short>> levels)
    {
        var splits = new List<(int Tree, int Node)>[levels.Length];
        long nodes = 0;
        for (var t = 0; t < trees.Length; t++)
        {
            nodes += trees[t].Nodes.Length;
            for (var i = 0; i < trees[t].Nodes.Length; i++)
                if (!trees[t].Nodes[i].IsLeaf) (splits[trees[t].Nodes[i].Feature] ??= []).Add((t, i));
        }
        var (columns, cuts, words) = (new List<ScoringColumn>(), new List<double>(), 1L);
        for (var j = 0; j < levels.Length; j++)
        {
            if (splits[j] is not { } here) continue;
            var first = cuts.Count;
            var category = levels[j].IsDefault ? null : levels[j].ToArray();
            if (category is null) cuts.AddRange(here.Select(s => trees[s.Tree].Nodes[s.Node].Threshold).Distinct().Order());
            var ranges = category is null ? cuts.Count - first + 1 : category.DefaultIfEmpty((short)-1).Max() + 1;
            columns.Add(new(j, first, ranges, (int)words, (here.Count + 31) / 32, category));
            words += (ranges + 1L) * columns[^1].Words;
            if (words * sizeof(uint) > (4 << 20) + 128 * nodes) return null;
        }
        var tables = new SplitTables { Columns = [.. columns], Cuts = [.. cuts], Bits = new uint[words] };
        foreach (var column in columns) tables.Fill(column, splits[column.Index]!, trees);
        return tables;
    }

    private void Fill(ScoringColumn column, List<(int Tree, int Node)> splits, ImmutableArray<Tree> trees)
    {
        for (var bit = 0; bit < splits.Count; bit++)
        {
            var (tree, node) = (trees[splits[bit].Tree], splits[bit].Node);
            var split = tree.Nodes[node];
            _bitOf[splits[bit]] = bit;
            var above = split.Set < 0 ? Array.BinarySearch(Cuts, column.FirstCut, column.Ranges - 1, split.Threshold) - column.FirstCut : 0;
            for (var range = 0; range <= column.Ranges; range++)
            {
                var left = range == column.Ranges ? split.MissingLeft : split.Set < 0 ? range <= above : tree.GoesLeft(split, range);
                if (!left) Bits[column.FirstWord + range * column.Words + (bit >> 5)] |= 1u << (bit & 31);
            }
        }
    }
}

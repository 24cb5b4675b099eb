using System.Collections.Immutable;

namespace Looper.Core.Learning.Trees;

/// <summary>Lays trees out for a <see cref="ScoringPlan"/>: each breadth first, siblings side by side.</summary>
internal sealed class PlanLayout(int open)
{
    /// <summary>Above every byte: nothing goes right of it.</summary>
    private const ulong NoSplit = 255UL << 48;

    public int Open { get; } = open;
    public List<ulong> Nodes { get; } = [];
    public List<double> Values { get; } = [];
    public List<int> Onwards { get; } = [];
    public List<(int Left, double Share)> Stops { get; } = [];
    public required int[] Roots { get; init; }

    public static PlanLayout Of(ImmutableArray<Tree> trees, ImmutableArray<ImmutableArray<short>> levels, SplitSlots slots, OpenColumn? open)
    {
        var layout = new PlanLayout(open?.Column ?? -1) { Roots = new int[trees.Length] };
        double[] options = open is { } column ? [.. column.Values.Select(v => LevelOf(levels[column.Column], v))] : [];
        for (var t = 0; t < trees.Length; t++)
        {
            layout.Roots[t] = layout.Nodes.Count;
            layout.Add(trees[t], slots, options);
        }
        return layout;
    }

    private void Add(Tree tree, SplitSlots slots, double[] options)
    {
        var from = new List<int>(tree.Nodes.Length) { 0 };
        var first = Nodes.Count;
        for (var i = 0; i < from.Count; i++)
        {
            var node = tree.Nodes[from[i]];
            var self = (ulong)(uint)(first + i);
            if (node.IsLeaf)
            {
                Nodes.Add(NoSplit | self);
                Values.Add(node.Value);
                continue;
            }
            var left = first + from.Count;
            from.Add(node.Left);
            from.Add(node.Right);
            var share = TreeShap.Shares(tree, node).Left;
            if (node.Feature == Open)
            {
                Nodes.Add((1UL << 56) | NoSplit | self);
                Values.Add(Stops.Count);
                Stops.Add((left, share));
                foreach (var option in options) Onwards.Add(tree.GoesLeft(node, option) ? left : left + 1);
                continue;
            }
            var (slot, mark) = slots.Of(tree, node);
            Nodes.Add(((ulong)mark << 48) | ((ulong)slot << 32) | (uint)left);
            Values.Add(share);
        }
    }

    private static double LevelOf(ImmutableArray<short> levels, double value) => levels.IsDefault ? (double.IsFinite(value) ? value : double.NaN)
        : value >= 0 && value < levels.Length && levels[(int)value] is >= 0 and var level ? level : double.NaN;
}

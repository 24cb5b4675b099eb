using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Looper.Core.Learning.Trees;

/// <summary>Lays trees out for a <see cref="ScoringPlan"/>: each breadth first, siblings side by side.</summary>
internal sealed class PlanLayout(int open)
{
    /// <summary>Above every byte: nothing goes right of it.</summary>
    private const ulong NoSplit = 255UL << 48;

    private readonly List<int> _from = [];

    public int Open { get; } = open;
    public required List<ulong> Nodes { get; init; }
    public required List<double> Values { get; init; }
    public List<int> Onwards { get; } = [];
    public List<(int Left, double Share)> Stops { get; } = [];
    public required int[] Roots { get; init; }

    public static PlanLayout Of(ImmutableArray<Tree> trees, ImmutableArray<ImmutableArray<short>> levels, SplitSlots slots, OpenColumn? open)
    {
        var nodes = trees.Sum(t => t.Nodes.Length);
        var layout = new PlanLayout(open?.Column ?? -1) { Roots = new int[trees.Length], Nodes = new(nodes), Values = new(nodes) };
        double[] options = open is { } column ? [.. column.Values.Select(v => LevelOf(levels[column.Column], v))] : [];
        for (var t = 0; t < trees.Length; t++)
        {
            layout.Roots[t] = layout.Nodes.Count;
            layout.Add(trees[t], slots, options);
        }
        return layout;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(Tree tree, SplitSlots slots, double[] options)
    {
        var from = _from;
        from.Clear();
        from.Add(0);
        var first = Nodes.Count;
        for (var i = 0; i < from.Count; i++)
        {
            ref readonly var node = ref tree.Nodes.ItemRef(from[i]);
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

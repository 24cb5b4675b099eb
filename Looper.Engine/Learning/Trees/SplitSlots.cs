using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Looper.Core.Learning.Trees;

/// <summary>One column of a scoring plan: what a value of it puts into the slots of a row.</summary>
/// <param name="Index">Column of the row.</param>
/// <param name="FirstSlot">Where its slots begin.</param>
/// <param name="Slots">How many it has.</param>
/// <param name="Cuts">Thresholds of a number in order; null for a category.</param>
/// <param name="LeftSlots">Slots of a number for splits that send missing values left; the rest send them right.</param>
/// <param name="Levels">Level of every code, for a category.</param>
/// <param name="Table">For a category: per level, and last for a missing value, 1 in the slot of every set that sends it right.</param>
internal sealed record SlotColumn(int Index, int FirstSlot, int Slots, double[]? Cuts, int LeftSlots, short[]? Levels, byte[]? Table);

/// <summary>Gives every split of an ensemble a slot and a mark: it sends a row right where the row's byte in that slot is above the mark.</summary>
/// <remarks>The byte of a number is the count of thresholds below it, in groups of 254 thresholds a slot, once for splits that send missing
/// values left and once for those that send them right. The byte of a category is 0 or 1, one slot for each different set of levels.</remarks>
internal sealed class SplitSlots
{
    /// <summary>Thresholds a slot: its byte then runs from 0 to 254, and the mark of a node without a split, 255, is above all.</summary>
    public const int Group = 254;

    private readonly SlotColumn?[] _columns;
    private readonly Dictionary<SetKey, int>?[] _sets; // per column

    private SplitSlots(int columns) => (_columns, _sets) = (new SlotColumn?[columns], new Dictionary<SetKey, int>?[columns]);

    public IEnumerable<SlotColumn> Columns => _columns.OfType<SlotColumn>();

    /// <summary>Bytes a row; slot 0 belongs to no column and holds 0.</summary>
    public int Count { get; private set; } = 1;

    /// <summary>Null where there are more slots than a node can name.</summary>
    /// <param name="open">Column that has no slots, or −1.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a start compiles a thousand models before the JIT would find that it matters
    public static SplitSlots? Of(ImmutableArray<Tree> trees, ImmutableArray<ImmutableArray<short>> levels, int open)
    {
        var slots = new SplitSlots(levels.Length);
        var cuts = new List<double>?[levels.Length];
        var sides = new int[levels.Length]; // 1: splits that send missing values left, 2: right
        foreach (var tree in trees)
        {
            foreach (ref readonly var node in tree.Nodes.AsSpan())
            {
                if (node.IsLeaf || node.Feature == open) continue;
                if (node.Set < 0) (cuts[node.Feature] ??= []).Add(node.Threshold);
                else if ((slots._sets[node.Feature] ??= []) is var sets) sets.TryAdd(SetKey.Of(tree, node), sets.Count);
                sides[node.Feature] |= node.MissingLeft ? 1 : 2;
            }
        }
        for (var j = 0; j < levels.Length; j++)
        {
            if (cuts[j] is { } thresholds) slots.AddNumber(j, Distinct(CollectionsMarshal.AsSpan(thresholds)), sides[j]);
            else if (slots._sets[j] is { } kinds) slots.AddCategory(j, [.. kinds.OrderBy(k => k.Value).Select(k => k.Key)], [.. levels[j]]);
            if (slots.Count > ushort.MaxValue) return null;
        }
        return slots;
    }

    /// <summary>The slot of a split, and the mark above which it goes right.</summary>
    public (int Slot, int Mark) Of(Tree tree, in TreeNode node)
    {
        var column = _columns[node.Feature]!;
        if (node.Set >= 0) return (column.FirstSlot + _sets[node.Feature]![SetKey.Of(tree, node)], 0);
        var cut = Array.BinarySearch(column.Cuts!, node.Threshold);
        return (column.FirstSlot + (node.MissingLeft ? 0 : column.LeftSlots) + cut / Group, cut % Group);
    }

    // In order; sorts in place.
    private static double[] Distinct(Span<double> values)
    {
        values.Sort();
        var count = 0;
        foreach (var value in values)
        {
            if (count == 0 || value != values[count - 1]) values[count++] = value;
        }
        return values[..count].ToArray();
    }

    private void AddNumber(int column, double[] cuts, int sides)
    {
        var groups = (cuts.Length + Group - 1) / Group;
        var left = (sides & 1) != 0 ? groups : 0;
        Add(new(column, Count, left + ((sides & 2) != 0 ? groups : 0), cuts, left, null, null));
    }

    private void AddCategory(int column, List<SetKey> sets, short[] levels)
    {
        var known = levels.DefaultIfEmpty((short)-1).Max() + 1;
        var table = new byte[(known + 1) * sets.Count];
        for (var level = 0; level <= known; level++)
        {
            for (var s = 0; s < sets.Count; s++) table[level * sets.Count + s] = (byte)(sets[s].GoesLeft(level == known ? -1 : level) ? 0 : 1);
        }
        Add(new(column, Count, sets.Count, null, 0, levels, table));
    }

    private void Add(SlotColumn column)
    {
        _columns[column.Index] = column;
        Count += column.Slots;
    }

    private readonly record struct SetKey(ulong A, ulong B, ulong C, ulong D, bool MissingLeft)
    {
        public static SetKey Of(Tree tree, in TreeNode node)
        {
            var words = tree.Sets.AsSpan(node.Set * Tree.SetWords, Tree.SetWords);
            return new(words[0], words[1], words[2], words[3], node.MissingLeft);
        }

        /// <param name="level">−1 for a missing one.</param>
        public bool GoesLeft(int level) =>
            level < 0 ? MissingLeft : (Word(level >> 6) >> (level & 63) & 1) == 1;

        private ulong Word(int index) => index switch { 0 => A, 1 => B, 2 => C, _ => D };
    }
}

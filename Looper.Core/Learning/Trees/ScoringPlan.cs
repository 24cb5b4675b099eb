using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Looper.Core.Learning.Trees;

/// <summary>The trees of an ensemble arranged for scoring one row at a time without branches that can be mispredicted.</summary>
/// <remarks>Per column the row's value falls into one of the ranges between the thresholds in use (or is one of the levels, or missing), and
/// per range the outcome of every split of that column is a bit computed beforehand. A step down a tree is then: node → column and bit → next
/// = left + bit, the same for numbers, categories and missing values. Eight trees go down side by side, so that their loads overlap; a leaf
/// points at itself. Measured against the plain walk in tests/Looper.Benchmarks.</remarks>
internal sealed unsafe class ScoringPlan
{
    private const int Chunk = 1_024, Side = 8, MaxBit = 1 << 20;
    private readonly ScoringColumn[] _columns;
    private readonly double[] _cuts;
    private readonly uint[] _bits;
    private readonly ulong[] _nodes; // column in 12 bits, bit in 20, left child in 32
    private readonly double[] _values;
    private readonly int[] _roots, _order, _depths;

    private ScoringPlan(ScoringColumn[] columns, double[] cuts, uint[] bits, ulong[] nodes, double[] values, int[] roots, int[] order, int[] depths) =>
        (_columns, _cuts, _bits, _nodes, _values, _roots, _order, _depths) = (columns, cuts, bits, nodes, values, roots, order, depths);

    /// <summary>The plan, or null for ensembles too large for its tables: those are walked plainly.</summary>
    public static ScoringPlan? Of(ImmutableArray<Tree> trees, ImmutableArray<ImmutableArray<short>> levels)
    {
        var tables = SplitTables.Of(trees, levels);
        if (tables is null || levels.Length >= 4_096) return null;
        var (nodes, values, roots) = (new List<ulong>(), new List<double>(), new int[trees.Length]);
        for (var t = 0; t < trees.Length; t++)
        {
            roots[t] = nodes.Count;
            if (!Lay(trees[t], t, tables, levels.Length, nodes, values)) return null;
        }
        // trees of like depth go side by side, so that few steps are idle; chunks bound the stack
        var depths = trees.Select(Depth).ToArray();
        var order = Enumerable.Range(0, trees.Length).OrderBy(t => t / Chunk).ThenBy(t => depths[t]).ThenBy(t => t).ToArray();
        return new(tables.Columns, tables.Cuts, tables.Bits, [.. nodes], [.. values], roots, order, depths);
    }

    /// <summary>Adds the trees to the scores: one output in eight lanes, tree t in lane t mod 8; several outputs each in the order of its trees.</summary>
    [SkipLocalsInit]
    public void AddScores(ReadOnlySpan<double> row, Span<double> scores)
    {
        var offsets = stackalloc uint[row.Length + 1];
        var found = stackalloc double[Chunk];
        var lanes = stackalloc double[Side];
        for (var lane = 0; lane < Side; lane++) lanes[lane] = 0;
        Locate(row, offsets);
        var outputs = scores.Length;
        fixed (ulong* nodes = _nodes)
        fixed (uint* bits = _bits)
        fixed (double* values = _values)
        {
            for (var from = 0; from < _roots.Length; from += Chunk)
            {
                var to = Math.Min(from + Chunk, _roots.Length);
                var i = from;
                for (; i + Side <= to; i += Side) Descend(nodes, bits, offsets, values, i, found - from);
                for (; i < to; i++)
                {
                    var (tree, at) = (_order[i], (uint)_roots[_order[i]]);
                    for (var step = _depths[tree]; step > 0; step--) at = Next(nodes, bits, offsets, at);
                    found[tree - from] = values[at];
                }
                if (outputs == 1) for (var t = from; t < to; t++) lanes[t & (Side - 1)] += found[t - from];
                else for (var t = from; t < to; t++) scores[t % outputs] += found[t - from];
            }
        }
        if (outputs == 1) for (var lane = 0; lane < Side; lane++) scores[0] += lanes[lane];
    }

    private void Descend(ulong* nodes, uint* bits, uint* offsets, double* values, int first, double* found)
    {
        ref var o = ref _order[first];
        ref var r = ref _roots[0];
        uint a = (uint)Unsafe.Add(ref r, o), b = (uint)Unsafe.Add(ref r, Unsafe.Add(ref o, 1)), c = (uint)Unsafe.Add(ref r, Unsafe.Add(ref o, 2)),
            d = (uint)Unsafe.Add(ref r, Unsafe.Add(ref o, 3)), e = (uint)Unsafe.Add(ref r, Unsafe.Add(ref o, 4)),
            f = (uint)Unsafe.Add(ref r, Unsafe.Add(ref o, 5)), g = (uint)Unsafe.Add(ref r, Unsafe.Add(ref o, 6)),
            h = (uint)Unsafe.Add(ref r, Unsafe.Add(ref o, 7));
        for (var step = _depths[Unsafe.Add(ref o, 7)]; step > 0; step--) // the last of eight is the deepest
        {
            a = Next(nodes, bits, offsets, a);
            b = Next(nodes, bits, offsets, b);
            c = Next(nodes, bits, offsets, c);
            d = Next(nodes, bits, offsets, d);
            e = Next(nodes, bits, offsets, e);
            f = Next(nodes, bits, offsets, f);
            g = Next(nodes, bits, offsets, g);
            h = Next(nodes, bits, offsets, h);
        }
        found[o] = values[a];
        found[Unsafe.Add(ref o, 1)] = values[b];
        found[Unsafe.Add(ref o, 2)] = values[c];
        found[Unsafe.Add(ref o, 3)] = values[d];
        found[Unsafe.Add(ref o, 4)] = values[e];
        found[Unsafe.Add(ref o, 5)] = values[f];
        found[Unsafe.Add(ref o, 6)] = values[g];
        found[Unsafe.Add(ref o, 7)] = values[h];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Next(ulong* nodes, uint* bits, uint* offsets, uint at)
    {
        var node = nodes[at];
        var bit = (uint)(node >> 32) & (MaxBit - 1);
        return (uint)node + (bits[offsets[node >> 52] + (bit >> 5)] >> (int)(bit & 31) & 1);
    }

    // Where in the table of bits each column's range, level or missing value has its outcomes.
    private void Locate(ReadOnlySpan<double> row, uint* offsets)
    {
        offsets[row.Length] = 0; // one word of zeros: a leaf stays where it is
        fixed (double* cuts = _cuts)
        {
            foreach (ref readonly var column in _columns.AsSpan())
            {
                var value = row[column.Index];
                var range = column.Ranges;
                if (column.Levels is { } levels)
                {
                    if (value >= 0 && value < levels.Length && levels[(int)value] is >= 0 and var level && level < range) range = level;
                }
                else if (Math.Abs(value) <= double.MaxValue)
                {
                    var cut = cuts + column.FirstCut;
                    for (var length = column.Ranges - 1; length > 0;)
                    {
                        var half = length + 1 >> 1;
                        cut += half & -Unsafe.BitCast<bool, byte>(cut[half - 1] < value); // no branch: it would be mispredicted every other time
                        length -= half;
                    }
                    range = (int)(cut - cuts) - column.FirstCut;
                }
                offsets[column.Index] = (uint)(column.FirstWord + range * column.Words);
            }
        }
    }

    // Breadth first, siblings side by side.
    private static bool Lay(Tree tree, int index, SplitTables tables, int leafColumn, List<ulong> nodes, List<double> values)
    {
        var from = new List<int> { 0 };
        var first = nodes.Count;
        for (var i = 0; i < from.Count; i++)
        {
            var node = tree.Nodes[from[i]];
            values.Add(node.Value);
            if (node.IsLeaf)
            {
                nodes.Add((ulong)leafColumn << 52 | (uint)(first + i));
                continue;
            }
            var bit = tables.BitOf(index, from[i]);
            if (bit >= MaxBit) return false;
            nodes.Add((ulong)node.Feature << 52 | (ulong)bit << 32 | (uint)(first + from.Count));
            from.Add(node.Left);
            from.Add(node.Right);
        }
        return true;
    }

    private static int Depth(Tree tree)
    {
        var depths = new int[tree.Nodes.Length];
        for (var i = 0; i < depths.Length; i++)
        {
            var node = tree.Nodes[i];
            if (!node.IsLeaf) depths[node.Left] = depths[node.Right] = depths[i] + 1;
        }
        return depths.Max();
    }
}

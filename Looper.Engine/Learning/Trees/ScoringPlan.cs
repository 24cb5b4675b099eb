using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Looper.Core.Learning.Trees;

/// <summary>A column whose few possible values are known beforehand, and scored together: the options of a decision.</summary>
/// <param name="Column">Its index.</param>
/// <param name="Values">Codes; NaN for one the model does not know.</param>
internal readonly record struct OpenColumn(int Column, double[] Values);

/// <summary>The trees of an ensemble arranged for scoring one row, or one row with each of several options, without branches that can be
/// mispredicted.</summary>
/// <remarks>A row becomes one byte per slot (<see cref="SplitSlots"/>). A step down a tree is then: node → slot and mark → next = left + (byte
/// above mark), the same for numbers, categories and missing values. Eight trees go down side by side, so that their loads overlap; a leaf points
/// at itself. A split of the open column is where the common way of all options ends: from there each option goes on by itself, along ways
/// resolved beforehand. Scores equal the plain walk to the last bit: tree t is added in lane t mod 8, then the lanes in order; with several outputs
/// each in the order of its trees.
/// Measured beside other layouts in tests/Looper.Benchmarks/results/scoring.md.</remarks>
internal sealed unsafe class ScoringPlan
{
    private const int Chunk = 256, Side = 8;
    private const ulong StopMark = 1UL << 56;
    private readonly SlotColumn[] _columns;
    private readonly int _slots, _variants, _outputs;
    private readonly ulong[] _nodes; // left child in 32 bits, slot in 16, mark in 8, whether it is a stop in 8
    private readonly double[] _values; // of a leaf its value, of a split the share of weight that went left, of a stop its number
    private readonly int[] _roots, _columnOfSlot;
    private readonly int[] _onwards; // per stop and option, where to go on
    private readonly (int Left, double Share)[] _stops;
    private readonly int _open;

    /// <param name="parts">Laid out here, or looked at by <see cref="PlanCheck"/>.</param>
    public ScoringPlan(PlanParts parts)
    {
        (_columns, _slots, _variants, _outputs, _open) = (parts.Columns, parts.Slots, parts.Variants, parts.Outputs, parts.Open);
        (_nodes, _values, _roots, _onwards, _stops) = (parts.Nodes, parts.Values, parts.Roots, parts.Onwards, parts.Stops);
        _columnOfSlot = new int[_slots];
        foreach (var column in _columns) _columnOfSlot.AsSpan(column.FirstSlot, column.Slots).Fill(column.Index);
    }

    /// <summary>Bytes it holds on to.</summary>
    public long Bytes => 8L * (_nodes.Length + _values.Length) + 4L * (_roots.Length + _onwards.Length + _columnOfSlot.Length) + 16L * _stops.Length
        + _columns.Sum(c => 8L * (c.Cuts?.Length ?? 0) + 2L * (c.Levels?.Length ?? 0) + (c.Table?.Length ?? 0));

    /// <summary>The plan, or null for ensembles too varied for its slots: those are walked plainly.</summary>
    /// <param name="outputs">Tree t belongs to output t mod this.</param>
    /// <param name="open">The column whose values are scored together, where there is one output; null for none.</param>
    public static ScoringPlan? Of(ImmutableArray<Tree> trees, ImmutableArray<ImmutableArray<short>> levels, int outputs, OpenColumn? open = null)
    {
        var slots = SplitSlots.Of(trees, levels, open?.Column ?? -1);
        if (slots is null) return null;
        var layout = PlanLayout.Of(trees, levels, slots, open);
        return new(new PlanParts(
            [.. slots.Columns], slots.Count, open?.Values.Length ?? 1, outputs, layout.Open, [.. layout.Nodes], [.. layout.Values], layout.Roots, [.. layout.Onwards], [.. layout.Stops]));
    }

    /// <summary>What it consists of; its own arrays, not copies.</summary>
    public PlanParts Parts => new(_columns, _slots, _variants, _outputs, _open, _nodes, _values, _roots, _onwards, _stops);

    /// <summary>Adds the trees to the scores: one for each output, or one for each value of the open column.</summary>
    /// <param name="row">One value per column; what it says of the open column is not looked at.</param>
    [SkipLocalsInit]
    public void AddScores(ReadOnlySpan<double> row, Span<double> scores)
    {
        var bytes = stackalloc byte[_slots];
        var ends = stackalloc uint[Chunk + Side];
        var open = stackalloc int[Chunk];
        var common = stackalloc double[Chunk];
        var found = stackalloc double[Chunk];
        var lanes = stackalloc double[Side * _variants];
        new Span<double>(lanes, Side * _variants).Clear();
        Fill(row, bytes);
        fixed (ulong* nodes = _nodes)
        fixed (double* values = _values)
        fixed (int* roots = _roots)
        {
            for (var from = 0; from < _roots.Length; from += Chunk)
            {
                var count = Math.Min(Chunk, _roots.Length - from);
                for (var t = 0; t < count; t++) ends[t] = (uint)roots[from + t];
                Descend(nodes, bytes, ends, count);
                var opened = 0;
                for (var t = 0; t < count; t++)
                {
                    common[t] = values[ends[t]];
                    open[opened] = t;
                    opened += (int)(nodes[ends[t]] >> 56);
                }
                if (_outputs > 1) for (var t = 0; t < count; t++) scores[(from + t) % _outputs] += common[t];
                else for (var variant = 0; variant < _variants; variant++)
                {
                    var all = common;
                    if (opened > 0)
                    {
                        Buffer.MemoryCopy(common, all = found, Chunk * sizeof(double), count * sizeof(double));
                        GoOn(nodes, values, bytes, open, opened, ends, variant, found, common);
                    }
                    Sum(all, count, lanes + variant * Side);
                }
            }
        }
        for (var variant = 0; _outputs == 1 && variant < scores.Length; variant++)
        {
            var sum = lanes + (_variants == 1 ? 0 : variant) * Side;
            for (var lane = 0; lane < Side; lane++) scores[variant] += sum[lane];
        }
    }

    /// <summary>The trees with every split already decided for this row, for what explains scores: their thresholds are infinite.</summary>
    /// <param name="variant">Which value of the open column.</param>
    public ImmutableArray<Tree> Decided(ReadOnlySpan<double> row, int variant)
    {
        var bytes = new byte[_slots];
        fixed (byte* filled = bytes) Fill(row, filled);
        var trees = ImmutableArray.CreateBuilder<Tree>(_roots.Length);
        for (var t = 0; t < _roots.Length; t++)
        {
            var nodes = ImmutableArray.CreateBuilder<TreeNode>();
            var (first, end) = (_roots[t], t + 1 < _roots.Length ? _roots[t + 1] : _nodes.Length);
            var covers = new double[end - first];
            for (var i = first; i < end; i++)
            {
                var (node, value) = (_nodes[i], _values[i]);
                var (left, column, goesLeft) = ((int)(uint)node, _columnOfSlot[(int)(node >> 32) & 0xFFFF], bytes[(int)(node >> 32) & 0xFFFF] <= (byte)(node >> 48));
                if ((node & StopMark) != 0)
                {
                    var stop = (int)value;
                    (left, value, column) = (_stops[stop].Left, _stops[stop].Share, _open);
                    goesLeft = _onwards[stop * _variants + variant] == left;
                }
                if (left == i)
                {
                    nodes.Add(new(0, 0, -1, -1, -1, false, value, covers[i - first], 0));
                    continue;
                }
                (covers[left - first], covers[left + 1 - first]) = (value, 1 - value);
                nodes.Add(new(column, goesLeft ? double.PositiveInfinity : double.NegativeInfinity, -1, left - first, left + 1 - first, false, 0, covers[i - first], 0));
            }
            trees.Add(new(nodes.ToImmutable(), []));
        }
        return trees.MoveToImmutable();
    }

    // From every stop on, until a leaf.
    private void GoOn(ulong* nodes, double* values, byte* bytes, int* open, int opened, uint* ends, int variant, double* found, double* stops)
    {
        var at = stackalloc uint[Chunk + Side];
        for (var i = 0; i < opened; i++) at[i] = (uint)_onwards[(int)stops[open[i]] * _variants + variant];
        while (true)
        {
            Descend(nodes, bytes, at, opened);
            ulong stopped = 0;
            for (var i = 0; i < opened; i++) stopped |= nodes[at[i]];
            if (stopped < StopMark) break;
            for (var i = 0; i < opened; i++)
            {
                if (nodes[at[i]] >= StopMark) at[i] = (uint)_onwards[(int)values[at[i]] * _variants + variant];
            }
        }
        for (var i = 0; i < opened; i++) found[open[i]] = values[at[i]];
    }

    // All of them down to where nothing moves any more, eight side by side.
    private static void Descend(ulong* nodes, byte* bytes, uint* at, int count)
    {
        for (var i = count; i < (count + Side - 1 & ~(Side - 1)); i++) at[i] = at[0];
        for (var i = 0; i < count; i += Side)
        {
            uint a = at[i], b = at[i + 1], c = at[i + 2], d = at[i + 3], e = at[i + 4], f = at[i + 5], g = at[i + 6], h = at[i + 7];
            uint moved;
            do
            {
                (a, b, c, d) = (Next(nodes, bytes, a), Next(nodes, bytes, b), Next(nodes, bytes, c), Next(nodes, bytes, d));
                (e, f, g, h) = (Next(nodes, bytes, e), Next(nodes, bytes, f), Next(nodes, bytes, g), Next(nodes, bytes, h));
                uint a2 = Next(nodes, bytes, a), b2 = Next(nodes, bytes, b), c2 = Next(nodes, bytes, c), d2 = Next(nodes, bytes, d),
                    e2 = Next(nodes, bytes, e), f2 = Next(nodes, bytes, f), g2 = Next(nodes, bytes, g), h2 = Next(nodes, bytes, h);
                moved = (a ^ a2) | (b ^ b2) | (c ^ c2) | (d ^ d2) | (e ^ e2) | (f ^ f2) | (g ^ g2) | (h ^ h2);
                (a, b, c, d, e, f, g, h) = (a2, b2, c2, d2, e2, f2, g2, h2);
            }
            while (moved != 0);
            (at[i], at[i + 1], at[i + 2], at[i + 3], at[i + 4], at[i + 5], at[i + 6], at[i + 7]) = (a, b, c, d, e, f, g, h);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Next(ulong* nodes, byte* bytes, uint at)
    {
        var node = nodes[at];
        return (uint)node + Unsafe.BitCast<bool, byte>(bytes[(ushort)(node >> 32)] > (byte)(node >> 48));
    }

    private static void Sum(double* values, int count, double* lanes)
    {
        Vector256<double> low = Vector256.Load(lanes), high = Vector256.Load(lanes + 4);
        var t = 0;
        for (; t + Side <= count; t += Side)
        {
            low += Vector256.Load(values + t);
            high += Vector256.Load(values + t + 4);
        }
        low.Store(lanes);
        high.Store(lanes + 4);
        for (; t < count; t++) lanes[t & (Side - 1)] += values[t];
    }

    private void Fill(ReadOnlySpan<double> row, byte* bytes)
    {
        bytes[0] = 0;
        foreach (var column in _columns)
        {
            var value = row[column.Index];
            if (column.Cuts is { } cuts) FillNumber(column, cuts, value, bytes + column.FirstSlot);
            else
            {
                var (levels, known) = (column.Levels!, column.Table!.Length / column.Slots - 1);
                var level = value >= 0 && value < levels.Length && levels[(int)value] is >= 0 and var seen && seen < known ? seen : known;
                column.Table.AsSpan(level * column.Slots, column.Slots).CopyTo(new(bytes + column.FirstSlot, column.Slots));
            }
        }
    }

    private static void FillNumber(SlotColumn column, double[] cuts, double value, byte* bytes)
    {
        if (!double.IsFinite(value))
        {
            for (var slot = 0; slot < column.Slots; slot++) bytes[slot] = (byte)(slot < column.LeftSlots ? 0 : SplitSlots.Group);
            return;
        }
        var below = 0; // thresholds below the value; no branch: it would be mispredicted every other time
        ref var first = ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(cuts);
        for (var length = cuts.Length; length > 0;)
        {
            var half = length + 1 >> 1;
            below += half & -Unsafe.BitCast<bool, byte>(Unsafe.Add(ref first, below + half - 1) < value);
            length -= half;
        }
        var groups = (cuts.Length + SplitSlots.Group - 1) / SplitSlots.Group;
        for (int slot = 0, group = 0; slot < column.Slots; slot++, group = group + 1 == groups ? 0 : group + 1)
            bytes[slot] = (byte)Math.Clamp(below - group * SplitSlots.Group, 0, SplitSlots.Group);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Looper.Core.Learning.Trees;

/// <summary>The rows of a growing tree, kept so that every leaf's rows lie side by side in ascending order.</summary>
internal sealed class RowOrder(BinnedRows binned, Workers workers)
{
    private const int Stretch = 65_536, Ahead = 32;
    private readonly int[] _rows = new int[binned.Rows], _left = new int[binned.Rows], _right = new int[binned.Rows];
    private int _count;

    public void Reset(ReadOnlySpan<int> rows)
    {
        rows.CopyTo(_rows);
        _count = rows.Length;
    }

    public ReadOnlySpan<int> All => _rows.AsSpan(0, _count);

    public ReadOnlySpan<int> Of(Leaf leaf) => _rows.AsSpan(leaf.Start, leaf.Rows);

    public ReadOnlySpan<int> Of(int start, int count) => _rows.AsSpan(start, count);

    /// <summary>Puts the rows of a leaf that go left before those that go right; returns how many go left.</summary>
    public int Cut(Leaf leaf, Split split)
    {
        var goesLeft = new byte[256]; // added, not branched on
        for (var bin = 0; bin < 256; bin++) goesLeft[bin] = (byte)(split.GoesLeft(bin) ? 1 : 0);
        var (bins, shift) = (binned.Blocks[split.Column / BinnedRows.Width], (split.Column & 7) << 3);
        var stretches = (leaf.Rows + Stretch - 1) / Stretch;
        var lefts = new int[stretches + 1];
        workers.Each(stretches, s =>
        {
            var (from, to) = Bounds(leaf, s);
            int l = from, r = from;
            ref var first = ref MemoryMarshal.GetArrayDataReference(bins);
            for (var i = from; i < to; i++)
            {
                if (Sse.IsSupported && i + Ahead < to) Prefetch(ref Unsafe.Add(ref first, _rows[i + Ahead]));
                var row = _rows[i];
                var left = goesLeft[(byte)(bins[row] >> shift)];
                _left[l] = row;
                _right[r] = row;
                l += left;
                r += 1 - left;
            }
            lefts[s + 1] = l - from;
        });
        for (var s = 0; s < stretches; s++) lefts[s + 1] += lefts[s];
        var all = lefts[stretches];
        workers.Each(stretches, s =>
        {
            var (from, to) = Bounds(leaf, s);
            var here = lefts[s + 1] - lefts[s];
            Array.Copy(_left, from, _rows, leaf.Start + lefts[s], here);
            Array.Copy(_right, from, _rows, leaf.Start + all + (from - leaf.Start - lefts[s]), to - from - here);
        });
        return all;
    }

    // The rows ascend but lie apart: what is needed soon is asked for early.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Prefetch(ref ulong bins) => Sse.Prefetch0(Unsafe.AsPointer(ref bins));

    private static (int From, int To) Bounds(Leaf leaf, int stretch)
    {
        var from = leaf.Start + stretch * Stretch;
        return (from, Math.Min(from + Stretch, leaf.Start + leaf.Rows));
    }
}

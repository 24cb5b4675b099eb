using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Looper.Core.Learning.Trees;

/// <summary>Per column and bin: the sum of the gradients, and the sum of the second derivatives with the number of rows above it.</summary>
internal sealed unsafe class Histogram
{
    private const int Bins = 256, BlockLongs = BinnedRows.Width * Bins * 2;
    private readonly long[] _sums; // pinned: the pointer stays good as long as the object lives
    private readonly long* _start;

    public Histogram(int blocks)
    {
        _sums = GC.AllocateUninitializedArray<long>(blocks * BlockLongs + 8, pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref _sums[0]);
        _start = (long*)(address + 63 & ~(nuint)63);
    }

    public static long BytesFor(int blocks) => blocks * BlockLongs * 8L;

    /// <summary>The pairs of one column, from bin 0.</summary>
    public long* Column(int column) => _start + column * (Bins * 2);

    /// <summary>Sums the rows into one block of eight columns.</summary>
    public void Fill(int block, BinnedRows binned, ReadOnlySpan<int> rows, FixedGradients gradients)
    {
        var sums = _start + block * BlockLongs;
        new Span<long>(sums, BlockLongs).Clear();
        var one = Vector128.Create(0L, 1L << gradients.CountShift);
        fixed (ulong* bins = binned.Blocks[block], words = gradients.Words)
        fixed (int* row = rows)
        {
            var ahead = Math.Max(0, rows.Length - 24);
            var i = 0;
            for (; i < ahead; i++)
            {
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(bins + row[i + 24]);
                    Sse.Prefetch0(words + row[i + 24]);
                }
                Add(sums, bins[row[i]], Pair(words[row[i]]) + one);
            }
            for (; i < rows.Length; i++) Add(sums, bins[row[i]], Pair(words[row[i]]) + one);
        }
    }

    /// <summary>Turns a parent's sums into those of the sibling of <paramref name="child"/>.</summary>
    public void Subtract(int block, Histogram child)
    {
        long* mine = _start + block * BlockLongs, other = child._start + block * BlockLongs;
        for (var i = 0; i < BlockLongs; i += 4)
            Vector256.Store(Vector256.Load(mine + i) - Vector256.Load(other + i), mine + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<long> Pair(ulong word) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(word).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(long* sums, ulong bins, Vector128<long> pair)
    {
        AddOne(sums, (byte)bins, pair);
        AddOne(sums + 512, (byte)(bins >> 8), pair);
        AddOne(sums + 1024, (byte)(bins >> 16), pair);
        AddOne(sums + 1536, (byte)(bins >> 24), pair);
        AddOne(sums + 2048, (byte)(bins >> 32), pair);
        AddOne(sums + 2560, (byte)(bins >> 40), pair);
        AddOne(sums + 3072, (byte)(bins >> 48), pair);
        AddOne(sums + 3584, (byte)(bins >> 56), pair);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddOne(long* column, byte bin, Vector128<long> pair) =>
        Vector128.Store(Vector128.Load(column + bin * 2) + pair, column + bin * 2);
}

using System.Numerics;
using System.Runtime.InteropServices;

namespace Looper.Core.Events.Sqlite;

/// <summary>Rows of equal length, all zero at first, outside the collected memory: what a report of millions of units took is free when it ends, and not
/// when the next one has taken as much again.</summary>
/// <remarks>In blocks that are never copied, each so large that allocators map it by itself: untouched pages cost nothing, and a freed block goes
/// back to the system at once. Not thread safe.</remarks>
/// <param name="width">Values a row.</param>
internal sealed unsafe class UnmanagedRows<T>(int width) : IDisposable
    where T : unmanaged
{
    private const long BlockBytes = 64L << 20;

    private readonly int _bits = BitOperations.Log2((uint)Math.Max(1, BlockBytes / (sizeof(T) * (long)Math.Max(1, width))));
    private readonly List<nint> _blocks = [];
    private int _used;

    /// <summary>A row; it comes into being when it is first asked for.</summary>
    public Span<T> this[int row]
    {
        get
        {
            while (row >> _bits >= _blocks.Count) _blocks.Add((nint)NativeMemory.AllocZeroed((nuint)width << _bits, (nuint)sizeof(T)));
            if (row >= _used) _used = row + 1;
            return new(At(row), width);
        }
    }

    /// <summary>Forgets all rows from a number on.</summary>
    public void Cut(int rows)
    {
        var kept = (int)((rows + (1L << _bits) - 1) >> _bits);
        for (var block = kept; block < _blocks.Count; block++) NativeMemory.Free((void*)_blocks[block]);
        if (kept < _blocks.Count) _blocks.RemoveRange(kept, _blocks.Count - kept);
        var until = (int)Math.Min(_used, (long)kept << _bits);
        if (until > rows) new Span<T>(At(rows), checked((until - rows) * width)).Clear();
        _used = Math.Min(_used, rows);
    }

    public void Dispose() => Cut(0);

    private T* At(int row) => (T*)_blocks[row >> _bits] + (long)(row & ((1 << _bits) - 1)) * width;
}

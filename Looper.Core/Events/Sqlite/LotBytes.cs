namespace Looper.Core.Events.Sqlite;

/// <summary>The bytes of the rows of one statement, at a place that does not move while it runs: SQLite reads them there and takes no copy.</summary>
internal sealed unsafe class LotBytes
{
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(8_192, pinned: true);
    private int _used;

    /// <summary>Makes room for all rows of a statement; what was there before is gone.</summary>
    public void Begin(int size)
    {
        _used = 0;
        if (size > _bytes.Length) _bytes = GC.AllocateUninitializedArray<byte>(size * 2, pinned: true);
    }

    /// <summary>Where the bytes are now, until the next <see cref="Begin"/>.</summary>
    public byte* Add(ReadOnlySpan<byte> row)
    {
        row.CopyTo(_bytes.AsSpan(_used));
        var at = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _bytes[0]) + _used;
        _used += row.Length;
        return at;
    }
}

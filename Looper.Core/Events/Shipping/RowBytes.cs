namespace Looper.Core.Events.Shipping;

/// <summary>The bytes of many rows, side by side in a few arrays that are used again: an array for each value would be millions a minute, all of which outlive a collection.</summary>
internal sealed class RowBytes
{
    private const int ChunkBytes = 64 * 1024;

    private readonly List<byte[]> _chunks = [];
    private int _chunk, _used;

    /// <summary>Room for a value; holds until <see cref="Clear"/>.</summary>
    public Memory<byte> Room(int length)
    {
        if (length > ChunkBytes) return new byte[length];
        if (_chunk < _chunks.Count && _used + length > ChunkBytes) (_chunk, _used) = (_chunk + 1, 0);
        if (_chunk == _chunks.Count) _chunks.Add(GC.AllocateUninitializedArray<byte>(ChunkBytes));
        _used += length;
        return _chunks[_chunk].AsMemory(_used - length, length);
    }

    public ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> value)
    {
        var room = Room(value.Length);
        value.CopyTo(room.Span);
        return room;
    }

    public void Clear() => (_chunk, _used) = (0, 0);
}

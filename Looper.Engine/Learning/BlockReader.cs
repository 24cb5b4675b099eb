using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Looper.Core.Learning;

/// <summary>Reads whole arrays, and none of a length that the bytes left do not hold.</summary>
internal ref struct BlockReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    /// <param name="leastBytes">What one of them takes at least.</param>
    public int Count(int leastBytes)
    {
        var count = Int();
        return count >= 0 && (long)count * leastBytes <= _rest.Length ? count : throw new ArtefactFault($"it claims {count} items");
    }

    public T[] All<T>() where T : unmanaged
    {
        var items = GC.AllocateUninitializedArray<T>(Count(Unsafe.SizeOf<T>()));
        Take(items.Length * Unsafe.SizeOf<T>()).CopyTo(MemoryMarshal.AsBytes(items.AsSpan()));
        return items;
    }

    public ReadOnlySpan<byte> Bytes() => Take(Count(1));

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length) throw new ArtefactFault("it ends too early");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}

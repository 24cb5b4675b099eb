using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Looper.Core.Serving;

/// <summary>Reads values one after another and never past the end: what a length claims is checked before it is believed.</summary>
/// <remarks>Throws <see cref="FormatException"/> where the bytes end too early.</remarks>
internal sealed class SnapshotCursor(ReadOnlyMemory<byte> bytes)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private ReadOnlyMemory<byte> _rest = bytes;

    public bool IsAtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    public Guid Id() => new(Take(16));

    public DateTimeOffset Time() => Long() is var ticks && ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks
        ? new(ticks, TimeSpan.Zero) : throw new FormatException("a time is out of range");

    public string Text() => Strict.GetString(Take(Int()));

    public ReadOnlyMemory<byte> Bytes()
    {
        var length = Int();
        var start = _rest;
        Take(length);
        return start[..length];
    }

    public ImmutableArray<T> All<T>(Func<SnapshotCursor, T> read)
    {
        var count = Int();
        if (count < 0 || count > _rest.Length) throw new FormatException("a count exceeds the file");
        var items = ImmutableArray.CreateBuilder<T>();
        for (var i = 0; i < count; i++) items.Add(read(this));
        return items.DrainToImmutable();
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length < 0 || length > _rest.Length) throw new FormatException("it ends too early");
        var taken = _rest.Span[..length];
        _rest = _rest[length..];
        return taken;
    }
}

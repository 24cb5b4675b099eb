using System.Buffers.Binary;
using System.Text;

namespace Looper.Core.Events.Records;

/// <summary>Writes the bytes of one record: version, checksum, then the body. The checksum covers the length and the key columns of the
/// row too, so nothing is stored twice and no column can change unseen.</summary>
internal ref struct PayloadWriter(Span<byte> destination)
{
    public const int HeaderBytes = 5;
    public const byte Version = 2;

    private readonly Span<byte> _destination = destination;
    private int _at = HeaderBytes;

    public void Byte(byte value) => _destination[_at++] = value;

    public void Fixed(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_destination[_at..], value);
        _at += sizeof(ulong);
    }

    public void Number(double value) => Fixed(BitConverter.DoubleToUInt64Bits(value));

    public void Count(uint value)
    {
        for (; value >= 0x80; value >>= 7) Byte((byte)(value | 0x80));
        Byte((byte)value);
    }

    /// <summary>Small negative numbers stay short.</summary>
    public void Signed(int value) => Count((uint)((value << 1) ^ (value >> 31)));

    public void Uuid(Guid value)
    {
        value.TryWriteBytes(_destination[_at..], bigEndian: true, out var length);
        _at += length;
    }

    public void Text(ReadOnlySpan<byte> utf8)
    {
        Count((uint)utf8.Length);
        utf8.CopyTo(_destination[_at..]);
        _at += utf8.Length;
    }

    public void Text(string text)
    {
        Count((uint)Encoding.UTF8.GetByteCount(text));
        _at += Encoding.UTF8.GetBytes(text, _destination[_at..]);
    }

    /// <param name="keys">Has taken in the key columns.</param>
    public readonly ReadOnlySpan<byte> Seal(Checksum keys)
    {
        _destination[0] = Version;
        keys.Add(Version);
        keys.Add((long)_at);
        keys.Add(_destination[HeaderBytes.._at]);
        BinaryPrimitives.WriteUInt32LittleEndian(_destination[1..], keys.Value);
        return _destination[.._at];
    }
}

/// <summary>Reads what <see cref="PayloadWriter"/> wrote, now or in the version before. After a failed check or past the end every read gives zero and <see cref="IsBad"/> is set.</summary>
internal ref struct PayloadReader
{
    private const byte LengthVersion = 1; // with its length before the checksum
    private const int LengthHeaderBytes = 9;

    private ReadOnlySpan<byte> _rest;

    /// <param name="keys">Has taken in the key columns.</param>
    public PayloadReader(ReadOnlySpan<byte> payload, Checksum keys)
    {
        ReadOnlySpan<byte> body;
        if (payload.Length >= PayloadWriter.HeaderBytes && payload[0] == PayloadWriter.Version)
        {
            body = payload[PayloadWriter.HeaderBytes..];
            keys.Add(PayloadWriter.Version);
            keys.Add((long)payload.Length);
            keys.Add(body);
            IsBad = keys.Value != BinaryPrimitives.ReadUInt32LittleEndian(payload[1..]);
        }
        else if (payload.Length >= LengthHeaderBytes && payload[0] == LengthVersion && BinaryPrimitives.ReadInt32LittleEndian(payload[1..]) == payload.Length - LengthHeaderBytes)
        {
            HasLength = true;
            body = payload[LengthHeaderBytes..];
            keys.Add(payload[..5]);
            keys.Add(body);
            IsBad = keys.Value != BinaryPrimitives.ReadUInt32LittleEndian(payload[5..]);
        }
        else
        {
            IsBad = true;
            return;
        }
        if (!IsBad) _rest = body;
    }

    /// <summary>It is of the version before.</summary>
    public bool HasLength { get; }

    public bool IsBad { get; private set; }

    /// <summary>The whole body was read.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1) is { Length: 1 } one ? one[0] : (byte)0;
    public ulong Fixed() => Take(sizeof(ulong)) is { Length: sizeof(ulong) } eight ? BinaryPrimitives.ReadUInt64LittleEndian(eight) : 0;
    public double Number() => BitConverter.UInt64BitsToDouble(Fixed());
    public Guid Uuid() => Take(16) is { Length: 16 } sixteen ? new Guid(sixteen, bigEndian: true) : default;
    public ReadOnlySpan<byte> Text() => Take(Count());
    public string TextString() => Encoding.UTF8.GetString(Text());

    /// <summary>A number of numbers, eight bytes each.</summary>
    public ReadOnlySpan<byte> Numbers()
    {
        var count = Count();
        if (count <= (uint)_rest.Length / sizeof(double)) return Take(count * sizeof(double));
        IsBad = true;
        return default;
    }

    public uint Count()
    {
        var value = 0u;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = Byte();
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
        IsBad = true;
        return 0;
    }

    public int Signed()
    {
        var value = Count();
        return (int)(value >> 1) ^ -(int)(value & 1);
    }

    private ReadOnlySpan<byte> Take(uint length)
    {
        if (length > (uint)_rest.Length) IsBad = true;
        if (IsBad) return default;
        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}

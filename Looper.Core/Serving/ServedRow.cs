using System.Buffers.Binary;
using System.Text;

namespace Looper.Core.Serving;

/// <summary>How a feature value arrived. Values are stored: never renumber.</summary>
public enum ServedKind : byte
{
    Missing = 0,
    Number = 1,
    False = 2,
    True = 3,
    Text = 4,

    /// <summary>Sent, but not usable as this feature's kind; learned from and served as missing, and counted.</summary>
    Invalid = 5,
    Tags = 6,
    Vector = 7,
}

/// <summary>
/// The features of one decision exactly as served: per feature, in the blueprint's order, one kind byte, then eight
/// little-endian bytes for a number, or a two-byte length and UTF-8 for text. Tags are a two-byte length and, for each in the order of
/// its bytes, a two-byte length and UTF-8; a vector is a two-byte length and four bytes (single precision) a number. Serving writes it from the request and
/// encodes from it; training encodes from the journaled copy. One byte string, one encoder: no skew.
/// </summary>
public static class ServedRow
{
    public const int MaxTextBytes = 4_096;

    public static int WriteMissing(Span<byte> destination)
    {
        destination[0] = (byte)ServedKind.Missing;
        return 1;
    }

    public static int WriteInvalid(Span<byte> destination)
    {
        destination[0] = (byte)ServedKind.Invalid;
        return 1;
    }

    public static int WriteBoolean(Span<byte> destination, bool value)
    {
        destination[0] = (byte)(value ? ServedKind.True : ServedKind.False);
        return 1;
    }

    public static int WriteNumber(Span<byte> destination, double value)
    {
        destination[0] = (byte)ServedKind.Number;
        BinaryPrimitives.WriteDoubleLittleEndian(destination[1..], value);
        return 9;
    }

    /// <param name="utf8">At most <see cref="MaxTextBytes"/>.</param>
    public static int WriteText(Span<byte> destination, ReadOnlySpan<byte> utf8)
    {
        destination[0] = (byte)ServedKind.Text;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[1..], checked((ushort)utf8.Length));
        utf8.CopyTo(destination[3..]);
        return 3 + utf8.Length;
    }

    /// <param name="kind">Tags or vector.</param>
    /// <param name="packed">As <see cref="TagSet"/> and <see cref="ServedVector"/> pack them.</param>
    public static int WritePacked(Span<byte> destination, ServedKind kind, ReadOnlySpan<byte> packed)
    {
        destination[0] = (byte)kind;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[1..], checked((ushort)packed.Length));
        packed.CopyTo(destination[3..]);
        return 3 + packed.Length;
    }

    /// <summary>The value that a reader stands on, as it was.</summary>
    public static int Copy(in ServedRowReader value, Span<byte> destination) => value.Kind switch
    {
        ServedKind.Number => WriteNumber(destination, value.Number),
        ServedKind.False or ServedKind.True => WriteBoolean(destination, value.Kind == ServedKind.True),
        ServedKind.Text => WriteText(destination, value.Text),
        ServedKind.Tags or ServedKind.Vector => WritePacked(destination, value.Kind, value.Packed),
        ServedKind.Invalid => WriteInvalid(destination),
        _ => WriteMissing(destination),
    };
}

/// <summary>Reads a <see cref="ServedRow"/> front to back without allocating.</summary>
public ref struct ServedRowReader(ReadOnlySpan<byte> row)
{
    private ReadOnlySpan<byte> _rest = row;

    public ServedKind Kind { get; private set; }
    public double Number { get; private set; }
    public ReadOnlySpan<byte> Text { get; private set; }

    /// <summary>Of tags and vectors.</summary>
    public ReadOnlySpan<byte> Packed { get; private set; }

    /// <summary>False at the end of the row.</summary>
    /// <exception cref="FormatException">The bytes are not a served row.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty) return false;
        Kind = (ServedKind)_rest[0];
        switch (Kind)
        {
            case ServedKind.Missing or ServedKind.Invalid or ServedKind.False or ServedKind.True:
                _rest = _rest[1..];
                return true;
            case ServedKind.Number when _rest.Length >= 9:
                Number = BinaryPrimitives.ReadDoubleLittleEndian(_rest[1..]);
                _rest = _rest[9..];
                return true;
            case ServedKind.Text when _rest.Length >= 3 && _rest.Length >= 3 + BinaryPrimitives.ReadUInt16LittleEndian(_rest[1..]):
                var length = BinaryPrimitives.ReadUInt16LittleEndian(_rest[1..]);
                Text = _rest.Slice(3, length);
                _rest = _rest[(3 + length)..];
                return true;
            case ServedKind.Tags or ServedKind.Vector when _rest.Length >= 3 && _rest.Length >= 3 + BinaryPrimitives.ReadUInt16LittleEndian(_rest[1..]):
                var bytes = BinaryPrimitives.ReadUInt16LittleEndian(_rest[1..]);
                Packed = _rest.Slice(3, bytes);
                _rest = _rest[(3 + bytes)..];
                return true;
            default:
                throw new FormatException("Not a served row: unknown kind or cut short.");
        }
    }

    public readonly string TextString => Encoding.UTF8.GetString(Text);
}

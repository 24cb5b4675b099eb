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
/// The features of one decision exactly as served: per feature, in the blueprint's order, one byte that says what follows, a <see cref="ServedKind"/> or a mark. A number is
/// eight little-endian bytes, or shorter as <see cref="ServedNumber"/> has it; a text is 128 + its length and its UTF-8, or, from 128 bytes on, its kind, a two-byte length and its
/// UTF-8. Tags are a two-byte length and, for each in the order of its bytes, a two-byte length and UTF-8; a vector is a two-byte length and four bytes (single precision) a number.
/// Serving writes it from the request and encodes from it; training encodes from the journaled copy. One byte string, one encoder: no skew.
/// </summary>
/// <remarks>Rows written before numbers and texts were short have each number in eight bytes and each text with its kind: they are read as well.</remarks>
public static class ServedRow
{
    public const int MaxTextBytes = 4_096;

    /// <summary>Bytes of the longest number.</summary>
    public const int MaxNumberBytes = ServedNumber.MostBytes;

    internal const int ShortText = 0x80;

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

    public static int WriteNumber(Span<byte> destination, double value) => ServedNumber.Write(destination, value);

    /// <param name="utf8">At most <see cref="MaxTextBytes"/>.</param>
    public static int WriteText(Span<byte> destination, ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length >= ShortText) return WritePacked(destination, ServedKind.Text, utf8);
        destination[0] = (byte)(ShortText | utf8.Length);
        utf8.CopyTo(destination[1..]);
        return 1 + utf8.Length;
    }

    /// <param name="kind">Tags, vector, or a text that is not short.</param>
    /// <param name="packed">As <see cref="TagSet"/> and <see cref="ServedVector"/> pack them; of a text its UTF-8.</param>
    public static int WritePacked(Span<byte> destination, ServedKind kind, ReadOnlySpan<byte> packed)
    {
        destination[0] = (byte)kind;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[1..], checked((ushort)packed.Length));
        packed.CopyTo(destination[3..]);
        return 3 + packed.Length;
    }

    /// <summary>Room for <see cref="WriteInFull"/> of a row of this length.</summary>
    public static int InFullBytes(int length) => 5 * length; // a number grows from 2 bytes to 9 at most, a text from 1 to 3

    /// <summary>The same row without short forms, as rows were written at first: what hashes are taken of, so that they stay what they were.</summary>
    /// <returns>Bytes written.</returns>
    /// <exception cref="FormatException">The bytes are not a served row.</exception>
    public static int WriteInFull(ReadOnlySpan<byte> row, Span<byte> destination)
    {
        var reader = new ServedRowReader(row);
        var length = 0;
        while (reader.Read())
        {
            var rest = destination[length..];
            length += reader.Kind switch
            {
                ServedKind.Number => ServedNumber.WriteInFull(rest, reader.Number),
                ServedKind.Text => WritePacked(rest, ServedKind.Text, reader.Text),
                _ => Copy(reader, rest),
            };
        }
        return length;
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
        var first = _rest[0];
        if (first >= ServedRow.ShortText)
        {
            Kind = ServedKind.Text;
            Text = Take(1, first - ServedRow.ShortText);
        }
        else if (ServedNumber.IsMark(first)) (Kind, Number) = (ServedKind.Number, ServedNumber.Read(Take(0, ServedNumber.Length(first))));
        else ReadPlain((ServedKind)first);
        return true;
    }

    private void ReadPlain(ServedKind kind)
    {
        Kind = kind;
        switch (kind)
        {
            case ServedKind.Missing or ServedKind.Invalid or ServedKind.False or ServedKind.True:
                _rest = _rest[1..];
                break;
            case ServedKind.Number:
                Number = BinaryPrimitives.ReadDoubleLittleEndian(Take(1, sizeof(double)));
                break;
            case ServedKind.Text:
                Text = TakeCounted();
                break;
            case ServedKind.Tags or ServedKind.Vector:
                Packed = TakeCounted();
                break;
            default:
                throw NoRow();
        }
    }

    private ReadOnlySpan<byte> TakeCounted() => _rest.Length >= 3 ? Take(3, BinaryPrimitives.ReadUInt16LittleEndian(_rest[1..])) : throw NoRow();

    /// <summary>Moves past the bytes, which begin at an offset.</summary>
    private ReadOnlySpan<byte> Take(int offset, int length)
    {
        if (_rest.Length < offset + length) throw NoRow();
        var taken = _rest.Slice(offset, length);
        _rest = _rest[(offset + length)..];
        return taken;
    }

    private static FormatException NoRow() => new("Not a served row: unknown kind or cut short.");

    public readonly string TextString => Encoding.UTF8.GetString(Text);
}

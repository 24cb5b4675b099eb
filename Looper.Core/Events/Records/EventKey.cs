using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Looper.Core.Events.Records;

/// <summary>An id as it is stored: sixteen bytes when it is a canonical UUID (in time order for UUID v7), eight when it was derived
/// from the content (<c>#</c> and sixteen hexadecimal digits), else its UTF-8 text. No two kinds compare equal, in the index or in memory.</summary>
internal readonly ref struct EventKey(ReadOnlySpan<byte> bytes, bool isBlob)
{
    public const int MaxCharacters = 256;
    public const int MaxBytes = MaxCharacters * 3;
    private const byte Uuid = 1, Text = 2, Derived = 3; // stored: never change them
    private const int UuidCharacters = 36, UuidBytes = 16, DerivedCharacters = 17, DerivedBytes = 8;

    public ReadOnlySpan<byte> Bytes { get; } = bytes;
    public bool IsBlob { get; } = isBlob;

    /// <summary>A hash of what the record says, so unique only within the decision that it names.</summary>
    public bool IsDerived => IsBlob && Bytes.Length == DerivedBytes;

    public bool IsUuid => IsBlob && Bytes.Length != DerivedBytes;

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> s_uuidCharacters = SearchValues.Create("-0123456789abcdef");
    private static readonly SearchValues<byte> s_digitBytes = SearchValues.Create("0123456789abcdef"u8), s_uuidBytes = SearchValues.Create("-0123456789abcdef"u8);

    /// <summary>Bytes that the key of an id may take at most.</summary>
    public static int Room(string? id) => 3 * (id?.Length ?? 0);

    /// <summary>Bytes that the key of a decision's id may take at most.</summary>
    public static int Room(DecisionRecord record) => record.MadeId is not null ? UuidBytes : record.IdUtf8.Length is > 0 and var length ? length : Room(record.Id);

    /// <param name="scratch">At least <see cref="Room(DecisionRecord)"/>; the key lives in it.</param>
    public static EventKey Of(DecisionRecord record, Span<byte> scratch)
    {
        if (record.MadeId is not { } made) return record.IdUtf8 is { IsEmpty: false } utf8 ? Of(utf8, scratch) : Of(record.Id, scratch);
        made.TryWriteBytes(scratch, bigEndian: true, out _);
        return new(scratch[..UuidBytes], isBlob: true);
    }

    /// <param name="scratch">At least <see cref="Room(string?)"/>; the key lives in it.</param>
    public static EventKey Of(string id, Span<byte> scratch)
    {
        // Only what is written the one canonical way: with these characters alone no other text is the same number.
        if (id.Length == UuidCharacters && !id.AsSpan().ContainsAnyExcept(s_uuidCharacters) && Guid.TryParseExact(id, "D", out var uuid))
        {
            uuid.TryWriteBytes(scratch, bigEndian: true, out var length);
            return new(scratch[..length], isBlob: true);
        }
        if (id.Length == DerivedCharacters && id[0] == '#' && !id.AsSpan(1).ContainsAnyExcept(s_digits)
            && Convert.FromHexString(id.AsSpan(1), scratch, out _, out _) == OperationStatus.Done) return new(scratch[..DerivedBytes], isBlob: true);
        return new(scratch[..Encoding.UTF8.GetBytes(id, scratch)], isBlob: false);
    }

    /// <summary>The same of an id in UTF-8.</summary>
    /// <param name="scratch">At least as long as <paramref name="utf8"/>; the key lives in it.</param>
    public static EventKey Of(ReadOnlySpan<byte> utf8, Span<byte> scratch)
    {
        if (utf8.Length == UuidCharacters && !utf8.ContainsAnyExcept(s_uuidBytes) && Utf8Parser.TryParse(utf8, out Guid uuid, out var read, 'D') && read == UuidCharacters)
        {
            uuid.TryWriteBytes(scratch, bigEndian: true, out var length);
            return new(scratch[..length], isBlob: true);
        }
        if (utf8.Length == DerivedCharacters && utf8[0] == '#' && !utf8[1..].ContainsAnyExcept(s_digitBytes)
            && Convert.FromHexString(utf8[1..], scratch, out _, out _) == OperationStatus.Done) return new(scratch[..DerivedBytes], isBlob: true);
        utf8.CopyTo(scratch);
        return new(scratch[..utf8.Length], isBlob: false);
    }

    private byte Kind => (byte)(!IsBlob ? Text : IsDerived ? Derived : Uuid);

    /// <summary>What <see cref="WriteTagged"/> gave.</summary>
    public static EventKey OfTagged(ReadOnlySpan<byte> tagged) => tagged.IsEmpty ? default : new(tagged[1..], tagged[0] != Text);

    /// <summary>Bytes that <see cref="WriteTagged"/> takes.</summary>
    public int TaggedLength => Bytes.IsEmpty ? 0 : 1 + Bytes.Length;

    /// <summary>As one value that says what it is, for stores whose columns have one type: a byte for the kind (1 a UUID, 2 a text, 3 derived), then
    /// the bytes; nothing for no key.</summary>
    public void WriteTagged(Span<byte> to)
    {
        if (Bytes.IsEmpty) return;
        to[0] = Kind;
        Bytes.CopyTo(to[1..]);
    }

    public void AddTo(ref Checksum checksum)
    {
        checksum.Add(Kind);
        checksum.Add(Bytes.Length);
        checksum.Add(Bytes);
    }

    public override string ToString() =>
        !IsBlob ? Encoding.UTF8.GetString(Bytes) : IsDerived ? $"#{Convert.ToHexStringLower(Bytes)}" : new Guid(Bytes, bigEndian: true).ToString("D");
}

using System.Text;

namespace Looper.Core.Events.Records;

/// <summary>An id as it is stored: sixteen bytes when it is a canonical UUID (in time order for UUID v7), else its UTF-8 text.
/// The two never compare equal, in the index or in memory.</summary>
internal readonly ref struct EventKey(ReadOnlySpan<byte> bytes, bool isUuid)
{
    public const int MaxCharacters = 256;
    public const int MaxBytes = MaxCharacters * 3;
    private const int UuidCharacters = 36;

    public ReadOnlySpan<byte> Bytes { get; } = bytes;
    public bool IsUuid { get; } = isUuid;

    /// <param name="scratch">At least <see cref="MaxBytes"/>; the key lives in it.</param>
    public static EventKey Of(string id, Span<byte> scratch)
    {
        Span<char> canonical = stackalloc char[UuidCharacters];
        if (id.Length == UuidCharacters && Guid.TryParseExact(id, "D", out var uuid)
            && uuid.TryFormat(canonical, out _, "D") && id.AsSpan().SequenceEqual(canonical))
        {
            uuid.TryWriteBytes(scratch, bigEndian: true, out var length);
            return new(scratch[..length], isUuid: true);
        }
        return new(scratch[..Encoding.UTF8.GetBytes(id, scratch)], isUuid: false);
    }

    public void AddTo(ref Checksum checksum)
    {
        checksum.Add((byte)(IsUuid ? 1 : 2));
        checksum.Add(Bytes.Length);
        checksum.Add(Bytes);
    }

    public override string ToString() => IsUuid ? new Guid(Bytes, bigEndian: true).ToString("D") : Encoding.UTF8.GetString(Bytes);
}

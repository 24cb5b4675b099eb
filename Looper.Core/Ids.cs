using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Looper.Core;

/// <summary>Where ids come from: UUID v7 (RFC 9562, section 5.7), ordered by the clock that was handed in.</summary>
/// <remarks>Where the clock goes back, ids go on from where they were (RFC 9562, section 6.2). Its 74 random bits are drawn in advance, many ids at once: asking the system for each would cost more than the rest of an id.</remarks>
public sealed class Ids(TimeProvider clock)
{
    private const int Drawn = 4_096, Each = 16;

    private long _latest;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _used;

    public Guid Next()
    {
        var random = _random ??= new byte[Drawn];
        if (_used == 0) RandomNumberGenerator.Fill(random);
        var id = random.AsSpan(_used, Each);
        _used = (_used + Each) % Drawn;
        var milliseconds = Latest(clock.GetUtcNow().ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt32BigEndian(id, (int)(milliseconds >> 16));
        BinaryPrimitives.WriteInt16BigEndian(id[4..], (short)milliseconds);
        id[6] = (byte)((id[6] & 0x0F) | 0x70);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }

    private long Latest(long now)
    {
        var latest = Volatile.Read(ref _latest);
        while (now > latest)
        {
            var seen = Interlocked.CompareExchange(ref _latest, now, latest);
            if (seen == latest) return now;
            latest = seen;
        }
        return latest;
    }
}

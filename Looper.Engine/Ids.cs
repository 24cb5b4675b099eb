using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Looper.Core;

/// <summary>Where ids come from: UUID v7 (RFC 9562, section 5.7), ordered by the clock that was handed in.</summary>
/// <remarks>Each is greater than the one before: within a millisecond twelve bits count, and where the clock goes back or they are used up, ids go on from where they
/// were (RFC 9562, section 6.2, method 1). So an index over them grows at its end. The other 62 bits are random, drawn in advance for many ids at once: asking the
/// system for each would cost more than the rest of an id.</remarks>
public sealed class Ids(TimeProvider clock)
{
    private const int Drawn = 4_096, Each = 16, CountedBits = 12;

    private long _latest;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _used;

    public Guid Next() => Next(clock.GetUtcNow());

    /// <param name="now">What the clock says, where that is known already.</param>
    public Guid Next(DateTimeOffset now)
    {
        var random = _random ??= new byte[Drawn];
        if (_used == 0) RandomNumberGenerator.Fill(random);
        var id = random.AsSpan(_used, Each);
        _used = (_used + Each) % Drawn;
        var place = Rise(now.ToUnixTimeMilliseconds() << CountedBits);
        var milliseconds = place >> CountedBits;
        BinaryPrimitives.WriteInt32BigEndian(id, (int)(milliseconds >> 16));
        BinaryPrimitives.WriteInt16BigEndian(id[4..], (short)milliseconds);
        BinaryPrimitives.WriteInt16BigEndian(id[6..], (short)(0x7000 | (place & 0xFFF)));
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }

    private long Rise(long now)
    {
        while (true)
        {
            var latest = Volatile.Read(ref _latest);
            var next = Math.Max(now, latest + 1);
            if (Interlocked.CompareExchange(ref _latest, next, latest) == latest) return next;
        }
    }
}

using System.Buffers.Binary;

namespace Looper.Core.Events;

/// <summary>A removal of a decision point's events, or of all that was simulated, noted in the journal from before its first row goes until somebody has been told of it: one that
/// is cut off is ended later, and counted as one.</summary>
/// <param name="Removed">So far; committed together with what it counts.</param>
/// <param name="Last">The newest decision when it was asked for, by its number: what came later stays, whoever ends it. Null while it has not been noted; then it is the newest there is.</param>
public sealed record NotedRemoval(Guid Id, string AskedBy, RemovalOrder Order, Removed Removed = default, long? Last = null)
{
    /// <summary>Its id begins with the milliseconds (RFC 9562, version 7); the one after, so that nothing of then is later.</summary>
    internal DateTimeOffset AskedAt => DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(Id.ToByteArray(bigEndian: true)) >>> 16).AddMilliseconds(1);
}

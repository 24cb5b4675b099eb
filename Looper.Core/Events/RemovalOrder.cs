using System.Security.Cryptography;
using System.Text;
using Looper.Core.Events.Records;

namespace Looper.Core.Events;

public enum RemovalKind
{
    Point = 1,
    Simulated = 2,
    Unit = 3,
    Old = 4,
}

/// <summary>What is taken out of a journal, and so out of every copy of it. May lie in a file: it names a unit by hashes only.</summary>
/// <param name="Before">Only what was decided or received before this moment; what came later stays. Default takes all that is there.</param>
/// <param name="Point">Of <see cref="RemovalKind.Point"/>.</param>
/// <param name="UnitHash">Of <see cref="RemovalKind.Unit"/>: finds the rows.</param>
/// <param name="UnitDigest">Of <see cref="RemovalKind.Unit"/>: SHA-256 of the name, which tells its rows from those of a unit with the same hash.</param>
/// <param name="Old">Of <see cref="RemovalKind.Old"/>.</param>
/// <param name="Number">Its place in the queue of those a copy has not followed yet.</param>
public sealed record RemovalOrder(
    RemovalKind Kind, DateTimeOffset Before = default, Guid? Point = null, long UnitHash = 0, string? UnitDigest = null, PurgeOrder? Old = null, long Number = 0)
{
    public static RemovalOrder OfPoint(Guid point) => new(RemovalKind.Point, Point: point);

    public static RemovalOrder OfSimulated() => new(RemovalKind.Simulated);

    public static RemovalOrder OfUnit(string unit) => new(RemovalKind.Unit, UnitHash: Records.UnitHash.Of(unit), UnitDigest: Digest(unit));

    /// <param name="last">What the unit sent later stays.</param>
    public static RemovalOrder OfUnit(string unit, DateTimeOffset last) => OfUnit(unit) with { Before = last.AddTicks(1) };

    public static RemovalOrder OfOld(PurgeOrder old) => new(RemovalKind.Old, Old: old);

    /// <summary>For a copy: nothing that came later than now, and no later than the order itself says.</summary>
    public RemovalOrder Until(DateTimeOffset now) => Before == default || now < Before ? this with { Before = now } : this;

    internal bool Takes(DateTimeOffset sent) => Takes(sent.UtcTicks);

    internal bool Takes(long ticks) => Before == default || ticks < Before.UtcTicks;

    public bool IsOf(string unit) => Digest(unit) == UnitDigest;

    private static string Digest(string unit) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(unit)));
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Looper.Core.Decisions.Erasure;

/// <summary>What was removed of a unit, signed by the installation. Names the unit by a keyed hash only.</summary>
/// <param name="UnitHash">HMAC-SHA-256 of the unit's name under the installation's key: who has the name and the receipt can ask whether they belong together.</param>
/// <param name="Signature">HMAC-SHA-256 of everything else, under the same key.</param>
/// <param name="Reaches">Moment of the newest event that was erased, where that is later than <paramref name="At"/>: the clock was set back since. Null else.</param>
/// <param name="Repeats">Moment of the erasure that a restore repeated: what the unit sent after it stayed. Null for one that was asked for.</param>
public sealed record ErasureReceipt(
    Guid Id, DateTimeOffset At, string RequestedBy, string UnitHash, long Decisions, long Observations, string Signature,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? Repeats = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? Reaches = null)
{
    /// <summary>What the unit sent later was not erased.</summary>
    internal DateTimeOffset Last => Repeats ?? Reaches ?? At;

    internal static ErasureReceipt Sign(byte[] key, Guid id, DateTimeOffset at, string by, string unitHash, long decisions, long observations, DateTimeOffset? repeats, DateTimeOffset? reaches)
    {
        var receipt = new ErasureReceipt(id, at, by, unitHash, decisions, observations, "", repeats, reaches);
        return receipt with { Signature = Hash(key, receipt.Signed) };
    }

    internal static string HashOf(byte[] key, string unit) => Hash(key, "unit\0" + unit);

    internal bool IsSignedBy(byte[] key) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(key, Signed)), Encoding.ASCII.GetBytes(Signature));

    private string Signed => FormattableString.Invariant($"receipt\0{Id:N}\0{At.UtcTicks}\0{RequestedBy}\0{UnitHash}\0{Decisions}\0{Observations}{(Repeats is { } last ? $"\0{last.UtcTicks}" : "")}{(Reaches is { } newest ? $"\0reaches\0{newest.UtcTicks}" : "")}");

    private static string Hash(byte[] key, string text) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
}

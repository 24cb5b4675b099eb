using System.Security.Cryptography;
using System.Text;

namespace Looper.Core.Decisions.Erasure;

/// <summary>What was removed of a unit, signed by the installation. Names the unit by a keyed hash only.</summary>
/// <param name="UnitHash">HMAC-SHA-256 of the unit's name under the installation's key: who has the name and the receipt can ask whether they belong together.</param>
/// <param name="Signature">HMAC-SHA-256 of everything else, under the same key.</param>
public sealed record ErasureReceipt(Guid Id, DateTimeOffset At, string RequestedBy, string UnitHash, long Decisions, long Observations, string Signature)
{
    internal static ErasureReceipt Sign(byte[] key, Guid id, DateTimeOffset at, string by, string unitHash, long decisions, long observations)
    {
        var receipt = new ErasureReceipt(id, at, by, unitHash, decisions, observations, "");
        return receipt with { Signature = Hash(key, receipt.Signed) };
    }

    internal static string HashOf(byte[] key, string unit) => Hash(key, "unit\0" + unit);

    internal bool IsSignedBy(byte[] key) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(key, Signed)), Encoding.ASCII.GetBytes(Signature));

    private string Signed => FormattableString.Invariant($"receipt\0{Id:N}\0{At.UtcTicks}\0{RequestedBy}\0{UnitHash}\0{Decisions}\0{Observations}");

    private static string Hash(byte[] key, string text) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
}

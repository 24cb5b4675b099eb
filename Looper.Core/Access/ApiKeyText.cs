using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Looper.Core.Access;

/// <summary>How a key is written: <c>lpr_</c>, 8 characters to look it up by, 52 of secret (256 bits), 6 of checksum.
/// The checksum lets a mistyped key, or a search for leaked ones, be judged without the database.</summary>
public static class ApiKeyText
{
    public const string Prefix = "lpr_";
    public const int PublicLength = 8, SecretLength = 52, ChecksumLength = 6;
    public const int Length = 4 + PublicLength + SecretLength + ChecksumLength;

    /// <summary>No vowels that spell, no look-alikes; 32 of them, so five bits each.</summary>
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private static readonly SearchValues<char> Allowed = SearchValues.Create(Alphabet);

    public static string New()
    {
        var body = RandomNumberGenerator.GetString(Alphabet, PublicLength + SecretLength);
        return Prefix + body + Checksum(body);
    }

    /// <summary>False for anything that cannot be a key. Does not allocate.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out ReadOnlySpan<char> publicId, out ReadOnlySpan<char> secret)
    {
        publicId = secret = default;
        if (text.Length != Length || !text.StartsWith(Prefix) || text[4..].ContainsAnyExcept(Allowed)) return false;
        var body = text[4..^ChecksumLength];
        Span<char> sum = stackalloc char[ChecksumLength];
        Checksum(body, sum);
        if (!text[^ChecksumLength..].SequenceEqual(sum)) return false;
        publicId = body[..PublicLength];
        secret = body[PublicLength..];
        return true;
    }

    public static byte[] HashOf(ReadOnlySpan<char> secret)
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        Hash(secret, hash);
        return hash;
    }

    internal static void Hash(ReadOnlySpan<char> secret, Span<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[SecretLength];
        SHA256.HashData(bytes[..Encoding.ASCII.GetBytes(secret, bytes)], hash);
    }

    private static string Checksum(string body) => string.Create(ChecksumLength, body, static (sum, body) => Checksum(body, sum));

    private static void Checksum(ReadOnlySpan<char> body, Span<char> sum)
    {
        var crc = uint.MaxValue;
        foreach (var c in body) crc = System.Numerics.BitOperations.Crc32C(crc, (byte)c);
        for (var i = 0; i < sum.Length; i++) sum[i] = Alphabet[(int)((crc >> (5 * i)) & 31)];
    }
}

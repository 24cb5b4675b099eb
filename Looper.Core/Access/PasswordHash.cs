using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Looper.Core.Access;

/// <summary>PBKDF2 with HMAC-SHA-512, in the format of ASP.NET Core Identity (version 3), so that a directory of users can move either way.</summary>
public static class PasswordHash
{
    public const int Iterations = 210_000;

    private const byte Version = 1;
    private const uint Sha512 = 2;
    private const int SaltBytes = 16, KeyBytes = 32, HeaderBytes = 13;

    /// <summary>A hash of nothing anybody knows: checked when there is no such user, so that both answers take equal work. Drawn and not derived, or the first to ask would pay twice.</summary>
    private static readonly byte[] Nobody = Drawn();

    /// <summary>The costly part, which takes as long as its rounds.</summary>
    internal delegate void Derivation(string password, ReadOnlySpan<byte> salt, int iterations, Span<byte> key);

    public static string Of(string password)
    {
        var bytes = Drawn();
        Derive(password, bytes.AsSpan(HeaderBytes, SaltBytes), Iterations, bytes.AsSpan(HeaderBytes + SaltBytes));
        return Convert.ToBase64String(bytes);
    }

    /// <param name="hash">As <see cref="Of"/> made it; null when there is no such user, which costs as much and is never right.</param>
    public static bool Matches(string? hash, string password) => Matches(hash, password, Derive);

    /// <inheritdoc cref="Matches(string?, string)"/>
    internal static bool Matches(string? hash, string password, Derivation derive)
    {
        var bytes = hash is null ? Nobody : Convert.FromBase64String(hash);
        var iterations = (int)BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(5));
        Span<byte> key = stackalloc byte[KeyBytes];
        derive(password, bytes.AsSpan(HeaderBytes, SaltBytes), iterations, key);
        return CryptographicOperations.FixedTimeEquals(key, bytes.AsSpan(HeaderBytes + SaltBytes)) && hash is not null;
    }

    // With a salt of its own, and a key that is none yet.
    private static byte[] Drawn()
    {
        var bytes = new byte[HeaderBytes + SaltBytes + KeyBytes];
        bytes[0] = Version;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(1), Sha512);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(5), Iterations);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(9), SaltBytes);
        RandomNumberGenerator.Fill(bytes.AsSpan(HeaderBytes));
        return bytes;
    }

    internal static void Derive(string password, ReadOnlySpan<byte> salt, int iterations, Span<byte> key) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, key, iterations, HashAlgorithmName.SHA512);
}

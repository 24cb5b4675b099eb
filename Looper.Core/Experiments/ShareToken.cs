using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Looper.Core.Experiments;

/// <summary>The token of a share link: 24 random bytes, signed by the installation with 8 more, written in 43 characters of base64url. The signature
/// turns guesses and other installations' links away before anything is looked up; the random part is what opens.</summary>
internal static class ShareToken
{
    public const int KeyBytes = 32;
    private const int SecretBytes = 24, SignatureBytes = 8, Length = 43;

    public static string New(byte[] key)
    {
        Span<byte> token = stackalloc byte[SecretBytes + SignatureBytes];
        RandomNumberGenerator.Fill(token[..SecretBytes]);
        Sign(key, token[..SecretBytes], token[SecretBytes..]);
        return Base64Url.EncodeToString(token);
    }

    public static bool IsSigned(string text, byte[] key)
    {
        if (text.Length != Length || !Base64Url.IsValid(text)) return false;
        Span<byte> token = stackalloc byte[SecretBytes + SignatureBytes], signature = stackalloc byte[SignatureBytes];
        if (!Base64Url.TryDecodeFromChars(text, token, out var written) || written != token.Length) return false;
        Sign(key, token[..SecretBytes], signature);
        return CryptographicOperations.FixedTimeEquals(signature, token[SecretBytes..]);
    }

    public static byte[] HashOf(string text) => SHA256.HashData(Encoding.ASCII.GetBytes(text));

    private static void Sign(byte[] key, ReadOnlySpan<byte> secret, Span<byte> signature)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, secret, whole);
        whole[..SignatureBytes].CopyTo(signature);
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Looper.Core.Access;

/// <summary>Proof that whoever sets Looper up can read its log. Kept as a hash; new at each start; void once used.</summary>
public sealed class SetupToken(TimeProvider clock)
{
    public const int MostTries = 10;
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private byte[]? _hash;
    private int _tries;
    private DateTimeOffset _pausedUntil;

    /// <summary>Draws a token of 256 bits and forgets it.</summary>
    public string Draw()
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        lock (_gate) _hash = Hash(token);
        return token;
    }

    /// <returns>Null when the token is right.</returns>
    public Refusal? Check(string token)
    {
        lock (_gate)
        {
            if (_hash is null) return FirstAccount.SetUpAlready;
            if (clock.GetUtcNow() < _pausedUntil) return new("setup.paused", "Too many wrong tokens. Try again in 15 min, or restart Looper for a new one.", "token");
            if (CryptographicOperations.FixedTimeEquals(Hash(token), _hash)) return null;
            if (++_tries >= MostTries) (_tries, _pausedUntil) = (0, clock.GetUtcNow() + Pause);
            return new("setup.wrong-token", "This is not the token in the log; copy the latest.", "token");
        }
    }

    public void Void()
    {
        lock (_gate) _hash = null;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token.Trim()));
}

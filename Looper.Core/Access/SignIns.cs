using System.Collections.Concurrent;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Access;

/// <summary>Checks who says they are whom. An address without an account is answered, slowed and locked exactly like one with.</summary>
public sealed class SignIns(IDbContextFactory<LooperDb> databases, TimeProvider clock)
{
    public const int MostFailures = 10;
    public static readonly TimeSpan Lock = TimeSpan.FromMinutes(15);

    private const int MostStrangers = 10_000;
    private readonly ConcurrentDictionary<string, (int Failures, DateTimeOffset? Until)> _strangers = new();

    /// <summary>How a password is hashed: once for each who gives one.</summary>
    internal PasswordHash.Derivation Derive { get; init; } = PasswordHash.Derive;

    public static Refusal Failed { get; } = new("sign-in.failed", "E-mail or password is not right.");
    public static Refusal Locked { get; } = new("sign-in.locked", "Too many attempts. Try again in 15 min.");

    public async Task<Answered<SignedIn>> CheckAsync(string email, string password, CancellationToken cancel)
    {
        if (email.Length > UserRules.MostEmail || password.Length > UserRules.MostPassword) return Failed;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var key = UserRules.EmailKey(email);
        var hash = await db.Set<User>().Where(u => u.EmailKey == key).Select(u => u.PasswordHash).SingleOrDefaultAsync(cancel);
        var right = PasswordHash.Matches(hash, password, Derive);
        if (hash is null) return Stranger(key);

        // Counted under a lock, so that attempts side by side count as many.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.LockAsync("sign-in", cancel);
        var user = await db.Set<User>().SingleOrDefaultAsync(u => u.EmailKey == key && u.PasswordHash == hash, cancel);
        if (user is null) return Failed;
        var now = clock.GetUtcNow();
        if (user.LockedUntil > now) return Locked;
        (user.FailedSignIns, user.LockedUntil) = right ? (0, null) : Count(user.FailedSignIns, now);
        if (right) user.SignedInAt = now;
        var who = new Caller(user.Email, user.Role, user.Id);
        if (right) db.Add(AuditEntry.Of(who, "user.signed-in", user.Id, now));
        else if (user.LockedUntil is not null) db.Add(AuditEntry.Of(who, "user.locked-out", user.Id, now));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return right ? new SignedIn(user.Id, user.Email, user.Name, user.Role, user.SecurityStamp) : Failed;
    }

    internal static (int Failures, DateTimeOffset? Until) Count(int failures, DateTimeOffset now) =>
        failures + 1 >= MostFailures ? (0, now + Lock) : (failures + 1, null);

    private Refusal Stranger(string key)
    {
        var now = clock.GetUtcNow();
        if (_strangers.TryGetValue(key, out var known) && known.Until > now) return Locked;
        if (_strangers.Count >= MostStrangers) _strangers.Clear();
        _strangers[key] = Count(known.Failures, now);
        return Failed;
    }
}

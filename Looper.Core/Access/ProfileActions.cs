using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Access;

/// <summary>What people may change about themselves, whatever their role.</summary>
public sealed class ProfileActions(IDbContextFactory<LooperDb> databases, UserRing ring, TimeProvider clock, ChangeFeed changes)
{
    private static Refusal NoProfile { get; } = new("user.unknown", "A key has no profile. Sign in as a person.");

    public Task<Refusal?> RenameAsync(Caller caller, string name, CancellationToken cancel) =>
        ChangeAsync(caller, "user.renamed", user =>
        {
            if (UserRules.CheckName(name) is { } refusal) return refusal;
            user.Name = name.Trim();
            return null;
        }, cancel);

    /// <summary>Ends every other session too. A wrong current password counts as a failed sign-in does, so that who finds a session open cannot try as many as they like.</summary>
    public async Task<Refusal?> ChangePasswordAsync(Caller caller, string current, string next, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (await TryAsync(caller, current, cancel) is { } refusal) return refusal;
        return await ChangeAsync(caller, "user.password-changed", user => UserActions.SetPassword(user, next), cancel);
    }

    /// <summary>Ends this session and every other of this user.</summary>
    public Task<Refusal?> SignOutAsync(Caller caller, CancellationToken cancel) =>
        ChangeAsync(caller, "user.signed-out", user =>
        {
            user.SecurityStamp = UserActions.NewStamp();
            return null;
        }, cancel);

    private async Task<Refusal?> TryAsync(Caller caller, string current, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<User>().AsNoTracking().SingleOrDefaultAsync(u => u.Id == caller.UserId, cancel) is not { } stored) return NoProfile;
        if (stored.LockedUntil > clock.GetUtcNow()) return SignIns.Locked;
        if (current.Length <= UserRules.MostPassword && PasswordHash.Matches(stored.PasswordHash, current)) return null;

        // Counted under a lock, so that attempts side by side count as many.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.LockAsync("sign-in", cancel);
        var now = clock.GetUtcNow();
        if (await db.Set<User>().SingleOrDefaultAsync(u => u.Id == caller.UserId, cancel) is not { } user) return NoProfile;
        if (user.LockedUntil > now) return SignIns.Locked;
        (user.FailedSignIns, user.LockedUntil) = SignIns.Count(user.FailedSignIns, now);
        if (user.LockedUntil is not null) db.Add(AuditEntry.Of(caller, "user.locked-out", user.Id, now));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return new("password.invalid", "The current password is not right.", "current");
    }

    private async Task<Refusal?> ChangeAsync(Caller caller, string action, Func<User, Refusal?> change, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        await using var db = await databases.CreateDbContextAsync(cancel);
        var user = await db.Set<User>().SingleOrDefaultAsync(u => u.Id == caller.UserId, cancel);
        if (user is null) return NoProfile;
        var before = user.Name;
        if (change(user) is { } refusal) return refusal;
        db.Add(AuditEntry.Of(caller, action, user.Id, clock.GetUtcNow(), before, user.Name));
        await db.SaveChangesAsync(cancel);
        await ring.RefreshAsync(cancel); // sessions that end have ended by the time this is answered
        changes.Announce(ChangeKind.User, user.Id);
        return null;
    }
}

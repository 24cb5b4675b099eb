using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Access;

/// <summary>What people may change about themselves, whatever their role.</summary>
public sealed class ProfileActions(IDbContextFactory<LooperDb> databases, UserRing ring, TimeProvider clock, ChangeFeed changes)
{
    public Task<Refusal?> RenameAsync(Caller caller, string name, CancellationToken cancel) =>
        ChangeAsync(caller, "user.renamed", user =>
        {
            if (UserRules.CheckName(name) is { } refusal) return refusal;
            user.Name = name.Trim();
            return null;
        }, cancel);

    /// <summary>Ends every other session too.</summary>
    public Task<Refusal?> ChangePasswordAsync(Caller caller, string current, string next, CancellationToken cancel) =>
        ChangeAsync(caller, "user.password-changed", user => PasswordHash.Matches(user.PasswordHash, current)
            ? UserActions.SetPassword(user, next)
            : new("password.invalid", "The current password is not right.", "current"), cancel);

    /// <summary>Ends this session and every other of this user.</summary>
    public Task<Refusal?> SignOutAsync(Caller caller, CancellationToken cancel) =>
        ChangeAsync(caller, "user.signed-out", user =>
        {
            user.SecurityStamp = UserActions.NewStamp();
            return null;
        }, cancel);

    private async Task<Refusal?> ChangeAsync(Caller caller, string action, Func<User, Refusal?> change, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        await using var db = await databases.CreateDbContextAsync(cancel);
        var user = await db.Set<User>().SingleOrDefaultAsync(u => u.Id == caller.UserId, cancel);
        if (user is null) return new("user.unknown", "A key has no profile. Sign in as a person.");
        var before = user.Name;
        if (change(user) is { } refusal) return refusal;
        db.Add(AuditEntry.Of(caller, action, user.Id, clock.GetUtcNow(), before, user.Name));
        await db.SaveChangesAsync(cancel);
        await ring.RefreshAsync(cancel); // sessions that end have ended by the time this is answered
        changes.Announce(ChangeKind.User, user.Id);
        return null;
    }
}

using System.Security.Cryptography;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Access;

public sealed class UserActions(IDbContextFactory<LooperDb> databases, UserRing ring, TimeProvider clock, Ids ids, ChangeFeed changes)
{
    public async Task<Answered<Guid>> CreateAsync(Caller caller, string email, string name, Role role, string password, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Administer) is { } denied) return denied;
        if (Check(email, name, role, password) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<User>().AnyAsync(u => u.EmailKey == UserRules.EmailKey(email), cancel))
            return Taken(email);
        try
        {
            return await AddAsync(db, caller, email, name, role, password, cancel);
        }
        catch (DbUpdateException fault) when (!DatabaseFaults.IsAway(fault)) // two admins at once
        {
            db.ChangeTracker.Clear();
            if (await db.Set<User>().AnyAsync(u => u.EmailKey == UserRules.EmailKey(email), cancel)) return Taken(email);
            throw;
        }
    }

    /// <summary>The first account, which is an admin's; refused as soon as there is one.</summary>
    public async Task<Answered<Guid>> CreateFirstAsync(string email, string name, string password, CancellationToken cancel)
    {
        if (Check(email, name, Role.Admin, password) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.LockAsync("first-user", cancel); // two first users at once: one wins
        if (await db.Set<User>().AnyAsync(cancel)) return FirstAccount.SetUpAlready;
        var id = await AddAsync(db, new Caller(email.Trim(), Role.Admin), email, name, Role.Admin, password, cancel);
        await transaction.CommitAsync(cancel);
        changes.Announce(ChangeKind.User, id.Value);
        return id;
    }

    public async Task<Refusal?> ChangeRoleAsync(Caller caller, Guid id, Role role, CancellationToken cancel)
    {
        if (!Enum.IsDefined(role)) return new("user.invalid", "No such role. Use viewer, analyst, engineer, approver or admin.", "role");
        return await ChangeAsync(caller, id, "user.role-changed", async (db, user) =>
        {
            if (user.Role == Role.Admin && role != Role.Admin && await IsLastAdminAsync(db, user, cancel)) return LastAdmin;
            user.Role = role;
            return null;
        }, cancel);
    }

    public async Task<Refusal?> RemoveAsync(Caller caller, Guid id, CancellationToken cancel) =>
        await ChangeAsync(caller, id, "user.removed", async (db, user) =>
        {
            if (user.Role == Role.Admin && await IsLastAdminAsync(db, user, cancel)) return LastAdmin;
            db.Remove(user);
            return null;
        }, cancel);

    /// <summary>For somebody who forgot theirs: a new password, told to them in person; they are signed out everywhere.</summary>
    public async Task<Refusal?> SetPasswordAsync(Caller caller, Guid id, string password, CancellationToken cancel) =>
        await ChangeAsync(caller, id, "user.password-set", (_, user) => Task.FromResult(SetPassword(user, password)), cancel);

    public async Task<Refusal?> SignOutEverywhereAsync(Caller caller, Guid id, CancellationToken cancel) =>
        await ChangeAsync(caller, id, "user.signed-out", (_, user) =>
        {
            user.SecurityStamp = NewStamp();
            return Task.FromResult<Refusal?>(null);
        }, cancel);

    private async Task<Refusal?> ChangeAsync(
        Caller caller, Guid id, string action, Func<LooperDb, User, Task<Refusal?>> change, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Administer) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.LockAsync("users", cancel); // two admins who demote each other at once: one stays
        var user = await db.Set<User>().SingleOrDefaultAsync(u => u.Id == id, cancel);
        if (user is null) return new("user.unknown", $"No user {id}.");
        var before = Audited(user);
        if (await change(db, user) is { } refusal) return refusal;
        db.Add(AuditEntry.Of(caller, action, id, clock.GetUtcNow(), before, action == "user.removed" ? null : Audited(user)));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        await ring.RefreshAsync(cancel); // what was taken away is gone by the time this is answered
        changes.Announce(ChangeKind.User, id);
        return null;
    }

    private async Task<Answered<Guid>> AddAsync(
        LooperDb db, Caller caller, string email, string name, Role role, string password, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var user = new User
        {
            Id = ids.Next(), Email = email.Trim(), EmailKey = UserRules.EmailKey(email), Name = name.Trim(), Role = role,
            PasswordHash = PasswordHash.Of(password), SecurityStamp = NewStamp(), CreatedAt = now,
        };
        db.Add(user);
        db.Add(AuditEntry.Of(caller, "user.created", user.Id, now, after: Audited(user)));
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.User, user.Id);
        return user.Id;
    }

    internal static Refusal? SetPassword(User user, string password)
    {
        if (UserRules.CheckPassword(password, user.Email) is { } refusal) return refusal;
        (user.PasswordHash, user.SecurityStamp) = (PasswordHash.Of(password), NewStamp());
        (user.FailedSignIns, user.LockedUntil) = (0, null);
        return null;
    }

    internal static string NewStamp() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static Refusal Taken(string email) =>
        new("user.already-exists", $"'{email}' already has an account. Change its role instead, or use another address.", "email");

    private static Refusal LastAdmin { get; } = new("user.last-admin", "This is the last admin, and nobody else could undo it. Make another user admin first.");

    private static Refusal? Check(string email, string name, Role role, string password) =>
        UserRules.CheckEmail(email) ?? UserRules.CheckName(name) ?? UserRules.CheckPassword(password, email)
        ?? (Enum.IsDefined(role) ? null : new("user.invalid", "No such role. Use viewer, analyst, engineer, approver or admin.", "role"));

    private static object Audited(User user) => new { user.Email, user.Name, Role = user.Role.ToString() };

    // The demonstration's admin is gone when it ends.
    private static async Task<bool> IsLastAdminAsync(LooperDb db, User user, CancellationToken cancel) =>
        !await db.Set<User>().AnyAsync(u => u.Role == Role.Admin && u.Id != user.Id && u.EmailKey != DemoAccount.EmailKey, cancel);
}

using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Access;

public sealed class UserQueries(IDbContextFactory<LooperDb> databases, TimeProvider clock)
{
    public async Task<Answered<IReadOnlyList<UserView>>> ListAsync(Caller caller, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Administer) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var now = clock.GetUtcNow();
        return await db.Set<User>().AsNoTracking().OrderBy(u => u.EmailKey)
            .Select(u => new UserView(u.Id, u.Email, u.Name, u.Role, u.CreatedAt, u.SignedInAt, u.LockedUntil > now)).ToListAsync(cancel);
    }

    /// <summary>The caller's own entry; <c>user.unknown</c> for a key.</summary>
    public async Task<Answered<UserView>> MeAsync(Caller caller, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        await using var db = await databases.CreateDbContextAsync(cancel);
        var user = await db.Set<User>().AsNoTracking().SingleOrDefaultAsync(u => u.Id == caller.UserId, cancel);
        return user is null
            ? new Refusal("user.unknown", "A key has no profile. Sign in as a person.")
            : new UserView(user.Id, user.Email, user.Name, user.Role, user.CreatedAt, user.SignedInAt, false);
    }
}

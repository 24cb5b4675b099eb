using System.Security.Cryptography;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Access;

/// <summary>The admin of a demonstration. Has no password: whoever sits at the machine is let in. Gone as soon as Looper starts
/// without the demonstration, so that it never keeps anybody from setting Looper up.</summary>
public sealed class DemoAccount(IDbContextFactory<LooperDb> databases, UserRing ring, TimeProvider clock, Ids ids)
{
    private const string Email = "demo@localhost";
    private Guid _id;

    /// <summary>How its address is compared.</summary>
    internal static string EmailKey { get; } = UserRules.EmailKey(Email);

    /// <summary>Null unless the demonstration runs.</summary>
    public SignedIn? User => ring.Find(_id);

    public async Task OpenAsync(bool demo, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var user = await db.Set<User>().SingleOrDefaultAsync(u => u.EmailKey == EmailKey, cancel);
        if (demo == user is not null)
        {
            _id = user?.Id ?? Guid.Empty;
            return;
        }
        var now = clock.GetUtcNow();
        if (user is not null)
        {
            db.Remove(user);
            db.Add(AuditEntry.Of(Caller.System, "user.removed", user.Id, now, before: Email, reason: "The demonstration ended."));
        }
        else
        {
            user = new User
            {
                Id = _id = ids.Next(), Email = Email, EmailKey = EmailKey, Name = "Demo", Role = Role.Admin, CreatedAt = now, SecurityStamp = UserActions.NewStamp(),
                PasswordHash = PasswordHash.Of(Convert.ToHexString(RandomNumberGenerator.GetBytes(32))), // drawn, hashed, forgotten
            };
            db.Add(user);
            db.Add(AuditEntry.Of(Caller.System, "user.created", user.Id, now, after: Email, reason: "The demonstration began."));
        }
        await db.SaveChangesAsync(cancel);
    }
}

using System.Collections.Frozen;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Access;

/// <summary>Who may still be signed in, in memory: asked at every request, read again on every change of a user and every few seconds.
/// With the database away the last known users hold.</summary>
public sealed class UserRing(IDbContextFactory<LooperDb> databases, LastKnown lastKnown)
{
    private FrozenDictionary<Guid, SignedIn> _users = FrozenDictionary<Guid, SignedIn>.Empty;
    private readonly InTurn _turns = new();

    /// <summary>Nobody has an account yet: Looper waits to be set up.</summary>
    public bool IsEmpty => _users.Count == 0;

    /// <returns>The user as they are now, or null when a session with this stamp has ended.</returns>
    public SignedIn? Find(Guid id, string stamp) => _users.TryGetValue(id, out var user) && user.Stamp == stamp ? user : null;

    public SignedIn? Find(Guid id) => _users.GetValueOrDefault(id);

    public async Task RefreshAsync(CancellationToken cancel)
    {
        var turn = _turns.Next();
        await using var db = await databases.CreateDbContextAsync(cancel);
        var users = await db.Set<User>().AsNoTracking().OrderBy(u => u.Id).Select(u => new SignedIn(u.Id, u.Email, u.Name, u.Role, u.SecurityStamp)).ToListAsync(cancel);
        _turns.Take(turn, () =>
        {
            _users = users.ToFrozenDictionary(u => u.Id);
            lastKnown.Keep("users", users);
        });
    }

    /// <summary>Takes the users as they were last read by an earlier start; false where none are known.</summary>
    public bool TryRemember()
    {
        if (lastKnown.Find<SignedIn>("users") is not { Count: > 0 } users) return false;
        _users = users.ToFrozenDictionary(u => u.Id);
        return true;
    }
}

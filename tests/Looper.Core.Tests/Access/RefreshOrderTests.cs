using System.Data.Common;
using Looper.Core.Access;
using Looper.Testing;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Tests.Access;

/// <summary>The poll reads while somebody takes an access away: what it read before must not be put in place after.</summary>
public sealed class RefreshOrderTests
{
    [Fact]
    public async Task A_revoked_key_does_not_come_back_with_a_reading_from_before()
    {
        var reading = new HeldReading();
        await using var database = await TestDatabase.CreateAsync(services: s => s.AddSingleton<IInterceptor>(reading));
        var (keys, ring) = (database.Get<ApiKeyActions>(), database.Get<ApiKeyRing>());
        var key = (await keys.CreateAsync(Caller.System, new("shop", KeyScopes.Decide, []), default)).Value!;
        var poll = await reading.HoldAsync(() => ring.RefreshAsync(default));
        await keys.RevokeAsync(Caller.System, key.Id, default);
        await ring.RefreshAsync(default);
        await reading.EndAsync(poll);
        Assert.False(ring.TryFind(key.Key, out _));
    }

    [Fact]
    public async Task A_removed_user_does_not_come_back_with_a_reading_from_before()
    {
        var reading = new HeldReading();
        await using var database = await TestDatabase.CreateAsync(services: s => s.AddSingleton<IInterceptor>(reading));
        var (users, ring) = (database.Get<UserActions>(), database.Get<UserRing>());
        var id = (await users.CreateAsync(Caller.System, "bob@example.com", "Bob", Role.Viewer, "a sentence nobody else uses 42", default)).Value;
        var poll = await reading.HoldAsync(() => ring.RefreshAsync(default));
        await users.RemoveAsync(Caller.System, id, default);
        await reading.EndAsync(poll);
        Assert.Null(ring.Find(id));
    }

    /// <summary>Holds one reading when it has read everything and has not come back yet.</summary>
    private sealed class HeldReading : DbConnectionInterceptor
    {
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously), _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _next;

        public async Task<Task> HoldAsync(Func<Task> read)
        {
            Volatile.Write(ref _next, 1);
            var reading = read();
            await _held.Task;
            return reading;
        }

        public Task EndAsync(Task reading)
        {
            _go.SetResult();
            return reading;
        }

        public override async ValueTask<InterceptionResult> ConnectionClosingAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
        {
            if (Interlocked.Exchange(ref _next, 0) == 0) return result;
            _held.SetResult();
            await _go.Task;
            return result;
        }
    }
}

using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Looper.Core.Tests.Access;

public class ApiKeyRingTests
{
    [Fact]
    public async Task A_key_is_found_until_it_is_revoked_or_expires()
    {
        var clock = new TestClock();
        await using var database = await TestDatabase.CreateAsync(clock);
        var (keys, ring) = (database.Get<ApiKeyActions>(), database.Get<ApiKeyRing>());
        var point = Guid.CreateVersion7(clock.GetUtcNow());
        var key = (await keys.CreateAsync(Caller.System, new("shop", KeyScopes.Decide, [point], clock.GetUtcNow().AddHours(1)), default)).Value!;
        Assert.False(ring.TryFind(key.Key, out _)); // not read yet
        await ring.RefreshAsync(default);
        Assert.True(ring.TryFind(key.Key, out var grant));
        Assert.True(grant.May(KeyScopes.Decide));
        Assert.False(grant.May(KeyScopes.Observe));
        Assert.True(grant.Allows(point));
        Assert.False(grant.Allows(Guid.Empty));
        clock.Turn(TimeSpan.FromHours(1));
        Assert.False(ring.TryFind(key.Key, out _));
        clock.Turn(TimeSpan.FromHours(-0.5));
        Assert.True(ring.TryFind(key.Key, out _));
        await keys.RevokeAsync(Caller.System, key.Id, default);
        await ring.RefreshAsync(default);
        Assert.False(ring.TryFind(key.Key, out _));
    }

    [Fact] // who revokes it reads whether it is in use
    public async Task The_list_says_when_a_key_was_last_used_before_that_is_written_down()
    {
        var clock = new TestClock();
        await using var database = await TestDatabase.CreateAsync(clock);
        var (keys, ring, queries) = (database.Get<ApiKeyActions>(), database.Get<ApiKeyRing>(), database.Get<ApiKeyQueries>());
        var key = (await keys.CreateAsync(Caller.System, new("shop", KeyScopes.Decide, []), default)).Value!;
        async Task<DateTimeOffset?> UsedAsync() => Assert.Single((await queries.ListAsync(Caller.System, default)).Value!).LastUsedAt;
        await ring.RefreshAsync(default);
        Assert.Null(await UsedAsync());
        Assert.True(ring.TryFind(key.Key, out _));
        Assert.Equal(clock.GetUtcNow(), await UsedAsync());
        await ring.SaveUseAsync(default);
        var used = clock.GetUtcNow();
        clock.Turn(TimeSpan.FromHours(1));
        Assert.Equal(used, await UsedAsync());
        Assert.True(ring.TryFind(key.Key, out _));
        Assert.Equal(used.AddHours(1), await UsedAsync());
    }

    [Fact] // which are dead is judged by it
    public async Task When_a_key_was_last_used_is_written_down_by_the_next_save_where_one_failed()
    {
        var clock = new TestClock();
        await using var database = await TestDatabase.CreateAsync(clock);
        var ring = new ApiKeyRing(new FallingDatabases(database.Databases, at: 1, after: false), database.Get<LastKnown>(), clock);
        var key = (await database.Get<ApiKeyActions>().CreateAsync(Caller.System, new("shop", KeyScopes.Decide, []), default)).Value!;
        await ring.RefreshAsync(default);
        Assert.True(ring.TryFind(key.Key, out _));
        await Assert.ThrowsAsync<FallingDatabases.FallException>(() => ring.SaveUseAsync(default));
        await ring.SaveUseAsync(default);
        await using var db = await database.Databases.CreateDbContextAsync();
        Assert.Equal(clock.GetUtcNow(), (await db.Set<ApiKey>().SingleAsync()).LastUsedAt);
    }

    [Fact]
    public async Task Another_secret_behind_the_same_public_id_is_refused()
    {
        await using var database = await TestDatabase.CreateAsync();
        var key = (await database.Get<ApiKeyActions>().CreateAsync(Caller.System, new("shop", KeyScopes.Decide, []), default)).Value!.Key;
        await using (var db = await database.Databases.CreateDbContextAsync())
        {
            ApiKeyText.TryRead(ApiKeyText.New(), out _, out var other);
            db.Add(new ApiKey { Id = Guid.CreateVersion7(database.Get<TimeProvider>().GetUtcNow()), PublicId = "zzzzzzzz", SecretHash = ApiKeyText.HashOf(other), Scopes = KeyScopes.Manage });
            await db.SaveChangesAsync();
        }
        await database.Get<ApiKeyRing>().RefreshAsync(default);
        Assert.True(database.Get<ApiKeyRing>().TryFind(key, out var grant));
        Assert.Equal(KeyScopes.Decide, grant.Scopes);
    }

    [Fact] // a file where the folder should be: as little can be written there as on a disk that is full
    public async Task What_cannot_be_kept_for_a_start_without_the_server_stops_no_key()
    {
        await using var database = await TestDatabase.CreateAsync();
        var options = Options.Create(new LooperOptions { DataDirectory = database.Directory, Database = DatabaseKind.Postgres });
        var log = new Lines();
        ApiKeyRing Ring() => new(database.Databases, new LastKnown(new DataDirectory(options), options, log), database.Get<TimeProvider>());
        await File.WriteAllTextAsync(Path.Combine(database.Directory, "access"), "");
        var key = (await database.Get<ApiKeyActions>().CreateAsync(Caller.System, new("shop", KeyScopes.Decide, []), default)).Value!;
        var ring = Ring();
        await ring.RefreshAsync(default);
        await ring.RefreshAsync(default);
        Assert.True(ring.TryFind(key.Key, out _));
        Assert.Contains("keys", Assert.Single(log.Said), StringComparison.Ordinal); // once, not every few seconds

        File.Delete(Path.Combine(database.Directory, "access"));
        await ring.RefreshAsync(default);
        var later = Ring();
        Assert.True(later.TryRemember() && later.TryFind(key.Key, out _));
    }

    private sealed class Lines : ILogger<LastKnown>
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Said.Add(formatter(state, exception));
    }

    [Fact]
    public async Task Finding_a_key_does_not_allocate()
    {
        await using var database = await TestDatabase.CreateAsync();
        var ring = database.Get<ApiKeyRing>();
        var key = (await database.Get<ApiKeyActions>().CreateAsync(Caller.System, new("shop", KeyScopes.Decide, []), default)).Value!.Key;
        await ring.RefreshAsync(default);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 1_000; i++) ring.TryFind(key, out _);
        }));
    }

    [Theory, InlineData(KeyScopes.Read), InlineData(KeyScopes.Manage), InlineData(KeyScopes.Decide | KeyScopes.Manage)]
    public async Task S2_a_key_limited_to_decision_points_reads_and_manages_nothing(KeyScopes scopes)
    {
        var clock = new TestClock();
        await using var database = await TestDatabase.CreateAsync(clock);
        var point = Guid.CreateVersion7(clock.GetUtcNow());
        var refusal = (await database.Get<ApiKeyActions>().CreateAsync(Caller.System, new("shop", scopes, [point]), default)).Refusal;
        Assert.Equal(("key.invalid", "decisionPoints"), (refusal?.Code, refusal?.Field));

        var text = ApiKeyText.New(); // one that an earlier version gave out
        ApiKeyText.TryRead(text, out var publicId, out var secret);
        var key = new ApiKey
        {
            Id = point, PublicId = publicId.ToString(), SecretHash = ApiKeyText.HashOf(secret), Scopes = scopes, DecisionPoints = $"""["{point}"]""",
        };
        await using (var db = await database.Databases.CreateDbContextAsync())
        {
            db.Add(key);
            await db.SaveChangesAsync();
        }
        await database.Get<ApiKeyRing>().RefreshAsync(default);
        Assert.True(database.Get<ApiKeyRing>().TryFind(text, out var grant));
        Assert.Equal(scopes & KeyScopes.Decide, grant.Scopes);
    }

    [Fact]
    public async Task An_engineer_sees_and_revokes_own_keys_only_and_gives_no_management()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (keys, queries) = (database.Get<ApiKeyActions>(), database.Get<ApiKeyQueries>());
        var (ada, bob) = (new Caller("ada@example.com", Role.Engineer), new Caller("bob@example.com", Role.Engineer));
        var key = (await keys.CreateAsync(ada, new("shop", KeyScopes.Decide, []), default)).Value!;
        Assert.Equal("access.denied", (await keys.CreateAsync(ada, new("ops", KeyScopes.Manage, []), default)).Refusal?.Code);
        Assert.Empty((await queries.ListAsync(bob, default)).Value!);
        Assert.Equal("key.unknown", (await keys.RevokeAsync(bob, key.Id, default))?.Code);
        Assert.Single((await queries.ListAsync(ada, default)).Value!);
        Assert.Null(await keys.RevokeAsync(ada, key.Id, default));
        Assert.Equal("key.already-revoked", (await keys.RevokeAsync(ada, key.Id, default))?.Code);
    }
}

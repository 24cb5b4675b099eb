using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Looper.Testing.Servers;
using Looper.Web.Tests.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Persistence;

/// <summary>What one database takes, each of them takes.</summary>
public sealed class EveryDatabaseTests
{
    [Theory, InlineData(DatabaseKind.Sqlite), InlineData(DatabaseKind.Postgres)]
    public async Task A_time_with_any_offset_is_the_same_instant(DatabaseKind kind)
    {
        Assert.SkipUnless(ServerDatabases.Absent(kind) is null, ServerDatabases.Absent(kind) ?? "");
        await using var looper = new LooperApp(database: kind);
        using var admin = await looper.SignedInAsync();
        using var made = await admin.PostAsJsonAsync("/api/keys", new { name = "shop", scopes = new[] { "decide" }, expiresAt = "2047-01-01T00:00:00+01:00" });
        Assert.True(made.StatusCode == HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        Assert.Equal(new DateTimeOffset(2046, 12, 31, 23, 0, 0, TimeSpan.Zero), (await db.Set<ApiKey>().SingleAsync(k => k.Name == "shop")).ExpiresAt);
        using var jobs = await admin.GetAsync("/api/jobs?before=2047-01-01T00:00:00%2B02:00");
        Assert.True(jobs.IsSuccessStatusCode, await jobs.Content.ReadAsStringAsync());
    }

    [Theory, InlineData(DatabaseKind.Sqlite), InlineData(DatabaseKind.Postgres)]
    public async Task Whoever_has_the_longest_of_names_can_be_kept_as_who_did_it(DatabaseKind kind)
    {
        Assert.SkipUnless(ServerDatabases.Absent(kind) is null, ServerDatabases.Absent(kind) ?? "");
        await using var looper = new LooperApp(database: kind);
        var caller = new Caller($"{new string('n', UserRules.MostEmail - 12)}@example.com", Role.Admin);
        var draft = await looper.Get<DraftActions>().CreateAsync(caller, new(Template: "show-or-hide", Key: "banner", Name: "Banner"), default);
        Assert.Null(draft.Refusal);
        var published = await looper.Get<DraftActions>().PublishAsync(caller, draft.Value!.Id, null, null, default);
        Assert.Null(published.Refusal);
        Assert.Equal(Caller.MostName, published.Value!.PublishedBy.Length);
        var key = await looper.Get<ApiKeyActions>().CreateAsync(caller, new NewApiKey(new string('k', 200), KeyScopes.Manage, []), default);
        await looper.Get<ApiKeyRing>().RefreshAsync(default);
        using var client = looper.Anonymous();
        client.DefaultRequestHeaders.Add("X-Api-Key", key.Value!.Key);
        using var made = await client.PostAsJsonAsync("/api/drafts", new { template = "show-or-hide", key = "other", name = "Other" });
        Assert.True(made.StatusCode == HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
    }

    [Theory, InlineData(1), InlineData(19)]
    public void A_statement_or_constraint_of_ours_is_no_database_that_is_away(int code) =>
        Assert.False(DatabaseFaults.IsAway(new DbUpdateException("not saved", new SqliteException("ours", code))));

    [Theory, InlineData(5), InlineData(10), InlineData(14)]
    public void One_that_is_busy_or_cannot_be_read_is_away(int code) => Assert.True(DatabaseFaults.IsAway(new SqliteException("theirs", code)));
}

using System.Net;
using Looper.Core;
using Looper.Core.Access;
using Looper.Testing;
using Looper.Testing.Servers;
using Looper.Web.Tests.Api;

namespace Looper.Web.Tests.Hosting;

/// <summary>A database server that lets this node in no more, as where its password was changed there first.</summary>
public sealed class RefusingServerTests
{
    private const string Decide = """{"decisionPoint":"banner","unit":"u"}""", Management = "/api/decision-points";

    [Fact]
    public async Task While_it_refuses_nothing_is_changed_and_decisions_go_on_until_it_lets_us_in_again()
    {
        Assert.SkipUnless(PostgresServer.IsHere, PostgresServer.Absent);
        var role = await GuardedRole.CreateAsync((await ServerDatabases.CreateAsync(DatabaseKind.Postgres))!, "old");
        await using var looper = new LooperApp(new() { ["Looper:ConnectionString"] = role.ConnectionString("old") }, database: DatabaseKind.Postgres);
        await looper.PublishAsync("banner", ServedApp.Banner);
        using var app = await looper.WithKeyAsync();
        using var admin = await looper.WithKeyAsync(KeyScopes.Read);
        await role.SetPasswordAsync("new");
        await Eventually.IsTrueAsync(async () => (await admin.GetAsync(Management)).StatusCode != HttpStatusCode.OK); // a connection of the pool may have to be tried first
        using (var refused = await admin.GetAsync(Management)) await Problem.IsAsync(refused, HttpStatusCode.ServiceUnavailable, "database.unavailable");
        await app.OkAsync("/v1/decisions", Decide);
        await role.SetPasswordAsync("old");
        await Eventually.IsTrueAsync(async () => (await admin.GetAsync(Management)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_node_that_it_refuses_at_the_start_serves_what_it_last_knew_and_asks_again()
    {
        Assert.SkipUnless(PostgresServer.IsHere, PostgresServer.Absent);
        var role = await GuardedRole.CreateAsync((await ServerDatabases.CreateAsync(DatabaseKind.Postgres))!, "old");
        await using var looper = new LooperApp(new() { ["Looper:ConnectionString"] = role.ConnectionString("old") }, database: DatabaseKind.Postgres);
        await looper.PublishAsync("banner", ServedApp.Banner);
        await looper.UserAsync(Role.Admin);
        var key = await looper.KeyAsync(KeyScopes.Decide | KeyScopes.Read);
        await looper.StopAsync();
        await role.SetPasswordAsync("new");
        await looper.RestartAsync();
        using var app = looper.Anonymous();
        app.DefaultRequestHeaders.Add("X-Api-Key", key);
        Assert.Equal("stale", (string?)(await app.OkAsync("/v1/decisions", Decide))["reason"]);
        using (var refused = await app.GetAsync(Management)) await Problem.IsAsync(refused, HttpStatusCode.ServiceUnavailable, "database.unavailable");
        await role.SetPasswordAsync("old");
        await Eventually.IsTrueAsync(async () => (await app.GetAsync(Management)).IsSuccessStatusCode, TimeSpan.FromSeconds(60));
        await Eventually.IsTrueAsync(() => Task.FromResult(looper.Get<Looper.Web.Hosting.DatabaseOpening>().Opened.IsCompletedSuccessfully), TimeSpan.FromSeconds(60));
    }
}

using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Api.InProcess;

public sealed class MadeApiTests
{
    private const KeyScopes All = KeyScopes.Decide | KeyScopes.Observe | KeyScopes.Read;

    private readonly TestClock _clock = new();

    private LooperApp App() => new(services: s => s.AddSingleton<TimeProvider>(_clock), recurs: false);

    // Version 2 and experiment 'trial' are in the database, and it has not looked since.
    private async Task<LooperApp> WithUnseenAsync()
    {
        var app = new LooperApp(new() { ["Looper:Serving:PollEvery"] = "00:30:00" }, services: With, recurs: false);
        await app.PublishUnseenAsync(await app.PublishAsync("banner", ServedApp.Banner), "banner", "trial");
        return app;
    }

    private void With(IServiceCollection services)
    {
        AwayDatabases.Register(services);
        services.AddSingleton<TimeProvider>(_clock);
    }

    private JsonObject Made(string id, TimeSpan ago = default) => new()
    {
        ["decisionPoint"] = "banner", ["decisionId"] = id, ["unit"] = "u-1", ["time"] = (_clock.GetUtcNow() - ago).ToString("O"), ["context"] = new JsonObject { ["country"] = "NL", ["cartValue"] = 83.5 },
        ["blueprintVersion"] = 1, ["decision"] = "ten-percent", ["propensity"] = 0.25, ["reason"] = "policy", ["experiment"] = null, ["arm"] = null, ["modelVersion"] = null,
    };

    [Fact]
    public async Task Sent_again_it_is_one_decision_and_another_content_under_its_id_is_refused()
    {
        await using var app = App();
        var point = await app.PublishAsync("banner", ServedApp.Banner);
        using var client = await app.WithKeyAsync(KeyScopes.Decide);
        var ahead = Made("ahead", TimeSpan.FromMinutes(-5));
        await AppAside.TakesAsync(client, Made("d-1"));
        await AppAside.TakesAsync(client, ahead);
        _clock.Turn(TimeSpan.FromMinutes(10));
        var first = Made("d-1", TimeSpan.FromMinutes(10));
        foreach (var same in new[] { first, Changed(first, ("context", JsonNode.Parse("""{"cartValue":83.50,"country":"NL"}"""))), ahead })
            Assert.Equal("{\"status\":202,\"replayed\":true}", Assert.Single(await AppAside.SendAsync(client, same)).ToJsonString());
        foreach (var (field, value) in new (string, JsonNode)[]
        {
            ("unit", "u-2"), ("decision", "none"), ("propensity", 0.5), ("reason", "explore"), ("modelVersion", 3), ("scores", new JsonArray(1, 2, 3)), ("time", Made("d", TimeSpan.FromMinutes(11))["time"]!.DeepClone()),
            ("context", new JsonObject { ["country"] = "DE" }),
        })
            await AppAside.RefusesAsync(client, Changed(first, (field, value)), 409, "idempotency.conflict", null);
        var twice = await AppAside.SendAsync(client, Made("d-2"), Made("d-2"), Changed(Made("d-2"), ("decision", "none")));
        Assert.Equal(["202", "202 replayed", "409"], twice.Select(i => $"{i["status"]}{(i["replayed"] is null ? "" : " replayed")}"));
        Assert.Equal(["ahead", "d-1", "d-2"], (await app.Get<EventReader>().DecisionsAsync(new(point), null, 100, default)).Items.Select(d => d.Id).Order());
        Assert.Equal(_clock.GetUtcNow() - TimeSpan.FromMinutes(10), (await app.Get<EventReader>().FindDecisionAsync("ahead", default))!.Time); // ahead of the clock it was now
    }

    [Fact] // else it would be called another decision, and the app would give it up
    public async Task Sent_again_after_the_clock_was_set_back_it_is_the_same_decision()
    {
        await using var app = App();
        await app.PublishAsync("banner", ServedApp.Banner);
        using var client = await app.WithKeyAsync(KeyScopes.Decide);
        var first = Made("d-1");
        await AppAside.TakesAsync(client, first);
        _clock.Turn(TimeSpan.FromHours(-1));
        Assert.Equal("{\"status\":202,\"replayed\":true}", Assert.Single(await AppAside.SendAsync(client, first)).ToJsonString());
        await AppAside.RefusesAsync(client, Changed(first, ("time", Made("d")["time"]!.DeepClone())), 409, "idempotency.conflict", null);
    }

    [Fact]
    public async Task A_decision_that_was_asked_of_looper_under_the_same_id_is_the_same_where_its_answer_is()
    {
        await using var app = App();
        await app.PublishAsync("banner", ServedApp.Banner with { Policy = new FixedPolicy("ten-percent"), Rollout = new() { Holdout = 0 } });
        using var client = await app.WithKeyAsync(KeyScopes.Decide);
        await client.OkAsync("/v1/decisions", """{"decisionPoint":"banner","unit":"u-1","decisionId":"d-1","context":{"country":"NL","cartValue":83.5}}""");
        await AppAside.RefusesAsync(client, Made("d-1"), 409, "idempotency.conflict", null);
        Assert.Equal("{\"status\":202,\"replayed\":true}", Assert.Single(await AppAside.SendAsync(client, Changed(Made("d-1"), ("propensity", 1)))).ToJsonString());
    }

    [Fact]
    public async Task A_late_one_counts_in_its_own_hour_exposes_its_unit_then_and_what_is_reported_of_it_is_joined()
    {
        await using var app = App();
        var point = await app.PublishAsync("banner", ServedApp.Banner with { Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromDays(10), Absent = 0 }], Training = new() { IsOn = false }, Rollout = new() { Holdout = 0 } });
        var experiment = Guid.Parse(await AsideShop.StartAsync(app, "banner", new { arms = new object[] { new { key = "a", weight = 0.5, option = "none" }, new { key = "b", weight = 0.5, option = "ten-percent" } } }));
        using var client = await app.WithKeyAsync(All, []);
        var started = _clock.GetUtcNow();
        _clock.Turn(TimeSpan.FromDays(6));
        var late = Changed(Made("late", TimeSpan.FromDays(5)), ("experiment", "trial"), ("arm", "b"), ("reason", "experiment"), ("propensity", 0.5));
        var newer = Changed(Made("newer", TimeSpan.FromHours(2)), ("experiment", "trial"), ("arm", "b"), ("reason", "experiment"), ("propensity", 0.5));
        await AppAside.TakesAsync(client, newer);
        using (var observed = await client.SendAsync("/v1/observations", """{"decisionId":"late","outcomes":{"purchase":true}}""")) Assert.Equal(HttpStatusCode.Accepted, observed.StatusCode);
        await AppAside.TakesAsync(client, late);

        var unit = Assert.Single(await AllAsync(app.Get<ExposureReader>().ReadAsync(new(point, experiment, [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromDays(10), Absent = 0 }]) { From = started }, default)));
        Assert.Equal(("late", started + TimeSpan.FromDays(1), 1, 2), (unit.Decision.Id, unit.Decision.Time, unit.Decision.Arm, unit.Decisions));
        Assert.Equal(1, Assert.Single(unit.SoFar));
        await app.Get<Journal>().FlushAsync(default);
        await Eventually.IsTrueAsync(async () => (await app.Get<EventReader>().HoursAsync(point, started, _clock.GetUtcNow(), default)).Sum(h => h.Decisions) == 2);
        var hours = await app.Get<EventReader>().HoursAsync(point, started, _clock.GetUtcNow(), default);
        Assert.Equal([(TimeSpan.FromDays(1), 1L), (TimeSpan.FromDays(6) - TimeSpan.FromHours(2), 1L)], hours.Where(h => h.Decisions > 0).Select(h => (h.Hour - started, h.Decisions)));
        var activity = app.Get<EventActivity>().Of(point);
        Assert.Equal((2L, started + TimeSpan.FromDays(1), _clock.GetUtcNow() - TimeSpan.FromHours(2), 1L), (activity.Decisions, activity.FirstDecisionAt, activity.LastDecisionAt, activity.Outcomes));
    }

    [Fact]
    public async Task More_than_seven_days_late_is_too_late()
    {
        await using var app = App();
        var point = await app.PublishAsync("banner", ServedApp.Banner);
        using var client = await app.WithKeyAsync(KeyScopes.Decide);
        await AppAside.TakesAsync(client, Made("just", TimeSpan.FromDays(7)));
        var problem = await AppAside.RefusesAsync(client, Made("late", TimeSpan.FromDays(7) + TimeSpan.FromSeconds(1)), 422, "decision.too-old", "time");
        Assert.Contains("2026-11-15T11:59:59Z is more than 7 days ago", (string?)problem["detail"], StringComparison.Ordinal);
        Assert.Equal("just", Assert.Single((await app.Get<EventReader>().DecisionsAsync(new(point), null, 100, default)).Items).Id);
    }

    [Fact]
    public async Task A_version_that_serves_no_more_reads_the_context_and_an_experiment_that_ended_keeps_its_name()
    {
        await using var app = App();
        await app.PublishAsync("banner", ServedApp.Banner with { Training = new() { IsOn = false } });
        var trial = await AsideShop.StartAsync(app, "banner", new { arms = new object[] { new { key = "a", weight = 0.5, option = "none" }, new { key = "b", weight = 0.5, option = "ten-percent" } } });
        using (var engineer = await app.SignedInAsync())
        using (var stopped = await engineer.SendAsync($"/api/experiments/{trial}/stop", """{"conclusion":"inconclusive","note":"over"}""")) Assert.Equal(HttpStatusCode.NoContent, stopped.StatusCode);
        await app.PublishAsync("banner", ServedApp.Banner with { Options = [new("other"), new("none")], Features = [] });
        using var client = await app.WithKeyAsync(KeyScopes.Decide);
        await AppAside.TakesAsync(client, Changed(Made("d-1"), ("experiment", "trial"), ("arm", "b"), ("reason", "experiment")));
        var stored = (await app.Get<EventReader>().FindDecisionAsync("d-1", default))!;
        Assert.Equal((1, 1, Guid.Parse(trial), 1), (stored.BlueprintVersion, stored.Option, stored.ExperimentId, stored.Arm));
        var served = new ServedRowReader(stored.Served.Span);
        Assert.True(served.Read() && served.TextString == "NL" && served.Read() && served.Number == 83.5 && !served.Read());
        await AppAside.RefusesAsync(client, Changed(Made("d-2"), ("blueprintVersion", 2)), 422, "request.invalid", "decision");
    }

    [Fact]
    public async Task What_was_published_elsewhere_a_moment_ago_is_looked_up_before_anything_is_refused()
    {
        await using var app = await WithUnseenAsync();
        using var client = await app.WithKeyAsync(KeyScopes.Decide);
        await AppAside.TakesAsync(client, Changed(Made("d-1"), ("blueprintVersion", 2), ("experiment", "trial"), ("arm", "a")));
        Assert.Equal(2, (await app.Get<EventReader>().FindDecisionAsync("d-1", default))!.BlueprintVersion);
    }

    [Fact]
    public async Task While_the_database_is_away_what_is_not_known_here_is_asked_for_again_and_then_taken()
    {
        await using var app = await WithUnseenAsync();
        using var client = await app.WithKeyAsync(KeyScopes.Decide);
        app.Get<AwayDatabases>().IsAway = true;
        var (version, experiment) = (Changed(Made("d-1"), ("blueprintVersion", 2)), Changed(Made("d-2"), ("experiment", "trial"), ("arm", "a")));
        await AppAside.RefusesAsync(client, version, 503, "database.unavailable", null);
        await AppAside.RefusesAsync(client, experiment, 503, "database.unavailable", null);
        await AppAside.RefusesAsync(client, Changed(Made("d-3"), ("decisionPoint", "new-here")), 503, "database.unavailable", null);
        await AppAside.TakesAsync(client, Made("d-4")); // known here
        app.Get<AwayDatabases>().IsAway = false;
        Assert.True(await app.Get<SnapshotRefresher>().RefreshAsync(default));
        await AppAside.TakesAsync(client, version);
        await AppAside.TakesAsync(client, experiment);
    }

    [Fact]
    public async Task A_key_that_is_limited_reports_for_its_own_decision_points_and_then_on_what_came_of_them()
    {
        await using var app = App();
        var banner = await app.PublishAsync("banner", ServedApp.Banner);
        await app.PublishAsync("other", ServedApp.Banner);
        using var limited = await app.WithKeyAsync(KeyScopes.Decide | KeyScopes.Observe, banner);
        await AppAside.RefusesAsync(limited, Changed(Made("d-2"), ("decisionPoint", "other")), 404, "decision-point.unknown", "decisionPoint");
        const string report = """{"decisionId":"d-1","outcomes":{"purchase":true}}""";
        using (var early = await limited.SendAsync("/v1/observations", report)) Assert.Equal(HttpStatusCode.NotFound, early.StatusCode);
        await AppAside.TakesAsync(limited, Made("d-1"));
        using (var observed = await limited.SendAsync("/v1/observations", report)) Assert.Equal(HttpStatusCode.Accepted, observed.StatusCode);
        using var none = await app.WithKeyAsync(KeyScopes.Observe | KeyScopes.Read);
        using var refused = await none.SendAsync(AppAside.Made, AppAside.Batch(Made("d-3")));
        await Problem.IsAsync(refused, HttpStatusCode.Forbidden, "access.denied");
    }

    [Fact]
    public async Task Of_a_simulated_decision_point_it_is_simulated_and_a_default_is_marked()
    {
        await using var app = App();
        var point = await app.PublishAsync("banner", ServedApp.Banner);
        await using (var db = await app.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
            await db.Set<DecisionPoint>().Where(p => p.Id == point).ExecuteUpdateAsync(p => p.SetProperty(d => d.IsSimulated, true));
        await app.ChangeAsync("banner", p => p.IsPaused = true); // serves anew
        using var client = await app.WithKeyAsync(KeyScopes.Decide);
        await AppAside.TakesAsync(client, Made("d-1"));
        await AppAside.TakesAsync(client, Changed(Made("d-2"), ("reason", "default-error"), ("decision", "none"), ("propensity", 1)));
        Assert.Equal(RecordMarks.Simulated, (await app.Get<EventReader>().FindDecisionAsync("d-1", default))!.Marks);
        var failed = (await app.Get<EventReader>().FindDecisionAsync("d-2", default))!;
        Assert.Equal((RecordMarks.Simulated | RecordMarks.Default, true), (failed.Marks, failed.Served.IsEmpty));
    }

    [Fact]
    public async Task On_a_full_disk_each_is_to_be_sent_again_and_then_it_is_there_once()
    {
        await using var app = DiskFaultsTests.OnFaultyDisk();
        using var plan = new Looper.Testing.Events.FaultPlan(app.DataDirectory);
        await app.PublishAsync("banner", ServedApp.Banner);
        using var client = await app.WithKeyAsync(KeyScopes.Decide);
        var now = app.Get<TimeProvider>().GetUtcNow().ToString("O");
        plan.DiskBytes = 0;
        var (refused, made) = (Array.Empty<JsonNode>(), new List<JsonObject>());
        await Eventually.IsTrueAsync(async () => // until what is left of the disk's pages is written full
        {
            made.Add(Changed(Made($"d-{made.Count}"), ("time", now)));
            refused = [.. (await AppAside.SendAsync(client, made[^1])).Where(i => i["status"]!.GetValue<int>() == 503)];
            return refused.Length > 0;
        });
        Assert.Equal("journal.unavailable", (string?)refused[0]["problem"]!["code"]);
        plan.DiskBytes = long.MaxValue;
        await Eventually.IsTrueAsync(async () => (await AppAside.SendAsync(client, made[^1]))[0]["status"]!.GetValue<int>() == 202, TimeSpan.FromSeconds(10));
        Assert.Equal(made.Count, AppAside.Rows(app).Count);
    }

    private static JsonObject Changed(JsonObject made, params (string Field, JsonNode? Value)[] changes)
    {
        var changed = made.DeepClone().AsObject();
        foreach (var (field, value) in changes) changed[field] = value;
        return changed;
    }

    private static async Task<List<T>> AllAsync<T>(IAsyncEnumerable<T> items)
    {
        var all = new List<T>();
        await foreach (var item in items) all.Add(item);
        return all;
    }
}

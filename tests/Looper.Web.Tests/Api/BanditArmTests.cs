using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Api;

/// <summary>A bandit against what everyone gets now, as an arm of an experiment, over HTTP.</summary>
public sealed class BanditArmTests
{
    private static readonly BlueprintContent Content = ServedApp.Banner with
    {
        Policy = new FixedPolicy("none"), Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1), Absent = 0 }], Training = new() { IsOn = false },
        Rollout = new() { Holdout = 0, Share = 1 },
    };

    private readonly TestClock _clock = new();

    [Fact]
    public async Task It_learns_from_its_own_arm_alone_and_what_it_learned_goes_with_the_experiment()
    {
        await using var app = new LooperApp(services: s => s.AddSingleton<TimeProvider>(_clock));
        var point = await app.PublishAsync("banner", Content);
        using var engineer = await app.SignedInAsync(Role.Admin);
        using var client = await app.WithKeyAsync(KeyScopes.Decide | KeyScopes.Observe);
        var id = await StartAsync(engineer, new { kind = "bandit" });
        await app.Get<SnapshotRefresher>().RefreshAsync(default);
        Assert.Contains("What the bandit of learns has learned", await engineer.GetStringAsync($"/experiments/{id}"), StringComparison.Ordinal);

        await BannerVisitors.ComeAsync(app, _clock, point, 0, 600, (id, 0), "DE"); // what would mislead it
        await app.Get<BanditLearning>().LearnAsync(default);
        Assert.Empty(await LearnedAsync(app));
        await BannerVisitors.ComeAsync(app, _clock, point, 1_000, 1_600, (id, 1));
        await app.Get<BanditLearning>().LearnAsync(default);
        var learned = Assert.Single(await LearnedAsync(app));
        Assert.Equal((600L, $"{id:N}/learns"), (learned.Rows, learned.Arm));
        await app.Get<SnapshotRefresher>().RefreshAsync(default);
        var (best, all) = (0, 0);
        for (var i = 0; i < 300; i++)
        {
            var answer = await client.OkAsync("/v1/decisions", $$$"""{"decisionPoint":"banner","unit":"v{{{i}}}","context":{"country":"NL","cartValue":{{{i % 100}}}}}""");
            if ((string?)answer["arm"] != "learns")
            {
                Assert.Equal("none", (string?)answer["decision"]);
                continue;
            }
            all++;
            if ((string?)answer["decision"] == "ten-percent") best++;
        }
        Assert.InRange(all, 100, 200);
        Assert.True(best > 0.8 * all, $"{best} of {all}");

        var view = (await engineer.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/bandit?experiment=trial&arm=learns"))!;
        Assert.Equal((600L, "learns", 600L), ((long)view["decisions"]!, (string?)view["arm"], view["steps"]!.AsArray().Sum(s => (long)s!["decisions"]!)));
        Assert.Contains("It last chose", await engineer.GetStringAsync($"/experiments/{id}"), StringComparison.Ordinal);
        await Problem.IsAsync(await engineer.GetAsync("/api/decision-points/banner/bandit?experiment=trial&arm=always"), HttpStatusCode.NotFound, "bandit.unknown");
        await Problem.IsAsync(await engineer.GetAsync("/api/decision-points/banner/bandit?experiment=none&arm=learns"), HttpStatusCode.NotFound, "bandit.unknown");
        await Problem.IsAsync(await engineer.GetAsync("/api/decision-points/banner/bandit?arm=learns"), HttpStatusCode.UnprocessableEntity, "bandit.invalid");

        using var stopped = await engineer.PostAsJsonAsync($"/api/experiments/{id}/stop", new { conclusion = "won" });
        Assert.True(stopped.IsSuccessStatusCode, await stopped.Content.ReadAsStringAsync());
        await app.Get<BanditLearning>().LearnAsync(default);
        Assert.Empty(await LearnedAsync(app));
    }

    [Fact]
    public async Task What_cannot_learn_is_refused_with_the_arm_and_the_reason()
    {
        await using var app = new LooperApp();
        await app.PublishAsync("banner", Content with { Outcomes = [new("stars", OutcomeKind.Number)], Goal = new() { Terms = [new("stars")] } });
        using var engineer = await app.SignedInAsync(Role.Admin);
        var faults = await RefusedAsync(engineer, "counts", new { kind = "bandit", algorithm = "thompson-beta" });
        Assert.Contains("arms[1].policy", faults, StringComparison.Ordinal);
        Assert.Contains("the goal has an outcome that is a number", faults, StringComparison.Ordinal);
        Assert.Contains("there is no algorithm", await RefusedAsync(engineer, "unknown", new { kind = "bandit", algorithm = "magic" }), StringComparison.Ordinal);
    }

    private static async Task<string> RefusedAsync(HttpClient engineer, string key, object policy)
    {
        using var created = await engineer.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key, name = "Trial", plan = Plan(policy) });
        var id = (await created.Content.ReadFromJsonAsync<JsonNode>())!["id"];
        using var started = await engineer.PostAsJsonAsync($"/api/experiments/{id}/start", new { reason = "agreed" });
        Assert.False(started.IsSuccessStatusCode);
        return await started.Content.ReadAsStringAsync();
    }

    private static object Plan(object policy) => new
    {
        arms = new object[] { new { key = "always", weight = 0.5, option = "none" }, new { key = "learns", weight = 0.5, policy } },
    };

    private static async Task<Guid> StartAsync(HttpClient engineer, object policy)
    {
        using var created = await engineer.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key = "trial", name = "Trial", plan = Plan(policy) });
        var id = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        using var started = await engineer.PostAsJsonAsync($"/api/experiments/{id}/start", new { reason = "agreed" });
        Assert.True(started.IsSuccessStatusCode, await started.Content.ReadAsStringAsync());
        return id;
    }

    private static async Task<List<LearnedBandit>> LearnedAsync(LooperApp app)
    {
        await using var db = await app.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        return await db.Set<LearnedBandit>().AsNoTracking().ToListAsync();
    }
}

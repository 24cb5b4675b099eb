using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Numerics;
using Looper.Testing;
using Looper.Web.Hosting;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Quartz;

namespace Looper.Web.Tests;

/// <summary>Traffic that rises and shares that follow the outcomes, over HTTP: the scheduler's own jobs move them, and the next calls are answered by it.
/// Two things are the test's: the clock, which it turns, and the minute at which a job looks, which it does not wait for.</summary>
public class MovingSharesTests
{
    private static readonly string[] s_shares = ["a", "b"];

    private static readonly BlueprintContent s_blueprint = new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a",
        Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }],
        Goal = new() { Terms = [new("purchase")] },
    };

    [Fact]
    public async Task Traffic_waits_for_units_then_rises_and_every_unit_keeps_its_arm()
    {
        var clock = new TestClock();
        await using var looper = new LooperApp(services: services => services.AddSingleton<TimeProvider>(clock));
        await looper.PublishAsync("banner", s_blueprint);
        using var admin = await looper.SignedInAsync(Role.Admin);
        using var app = await looper.WithKeyAsync();
        var id = await StartedAsync(looper, admin, new { arms = Arms(), ramp = new[] { new { share = 0.1, hours = 1 } } });

        clock.Turn(TimeSpan.FromMinutes(61));
        await RunAsync(looper, "check-ramps");
        await Eventually.IsTrueAsync(async () => (await ReadAsync(admin, id))["rampHeld"]?.ToString() == "No unit has come in at this share yet.");
        var first = await DecideAsync(app, 0, 300);
        Assert.InRange(first.Count(d => d.Arm is not null), 8, 60);

        clock.Turn(TimeSpan.FromMinutes(1));
        await RunAsync(looper, "check-ramps");
        await Eventually.IsTrueAsync(async () => (await ReadAsync(admin, id))["rampStep"]!.GetValue<int>() == 1);
        await Eventually.IsTrueAsync(async () => (await DecideAsync(app, 1_000, 1_020)).All(d => d.Arm is not null));
        var second = await DecideAsync(app, 0, 300);
        Assert.All(second, d => Assert.NotNull(d.Arm));
        Assert.All(first.Zip(second).Where(d => d.First.Arm is not null), d => Assert.Equal(d.First.Arm, d.Second.Arm));
        await RunAsync(looper, "check-ramps"); // once more changes nothing
        var history = (await admin.GetFromJsonAsync<JsonNode>($"/api/experiments/{id}/history"))!.ToJsonString();
        Assert.Contains("Traffic 10% \\u2192 100%.", history, StringComparison.Ordinal);
        Assert.Equal(1, (await ReadAsync(admin, id))["rampStep"]!.GetValue<int>());
    }

    [Fact]
    public async Task Shares_follow_the_outcomes_at_the_hour_and_the_report_weighs_units_by_the_chance_they_had()
    {
        var clock = new TestClock();
        await using var looper = new LooperApp(services: services => services.AddSingleton<TimeProvider>(clock));
        await looper.PublishAsync("banner", s_blueprint);
        using var admin = await looper.SignedInAsync(Role.Admin);
        using var app = await looper.WithKeyAsync();
        var id = await StartedAsync(looper, admin, new { arms = Arms(), bandit = new { floor = 0.1, renewHours = 1 } });
        await SellAsync(app, clock, 0, 400);

        clock.Turn(TimeSpan.FromMinutes(61));
        await RunAsync(looper, "renew-shares");
        JsonArray? epochs = null;
        await Eventually.IsTrueAsync(async () => (epochs = (JsonArray)(await ReadAsync(admin, id))["allocation"]!).Count == 2);
        Assert.InRange(epochs![1]!["weights"]![1]!.GetValue<double>(), 0.89, 0.9); // the chance to be best, above the floor
        clock.Turn(TimeSpan.FromMinutes(3)); // new shares hold from a moment a minute or two ahead
        List<(string? Arm, string Id)> served = [];
        var next = 1_000;
        await Eventually.IsTrueAsync(async () => // whoever came before the new shares held bought by the same chances
        {
            served = await SellAsync(app, clock, next, next += 400);
            return served.Count(d => d.Arm == "b") > 300;
        });
        Assert.InRange(served.Count(d => d.Arm == "a"), 15, 100); // the floor goes on being explored

        using var computed = await admin.PostAsync($"/api/experiments/{id}/reports", null);
        var content = (await computed.Content.ReadFromJsonAsync<JsonNode>())!["content"]!;
        Assert.True(content["settings"]!["isAdaptive"]!.GetValue<bool>());
        var absolute = content["metrics"]![0]!["comparisons"]![0]!["absolute"]!;
        Assert.StartsWith("adaptive", absolute["method"]!.ToString(), StringComparison.Ordinal);
        var (estimate, error) = (absolute["estimate"]!.GetValue<double>(), absolute["standardError"]!.GetValue<double>());
        Assert.InRange(error, 0.01, 0.1);
        Assert.InRange(Math.Abs(estimate - 0.4) / error, 0, 5); // 0.6 less 0.2; by chance one in a million
        Assert.Contains("from ", (await admin.GetFromJsonAsync<JsonNode>($"/api/experiments/{id}/history"))!.ToJsonString(), StringComparison.Ordinal);
    }

    private static object[] Arms() => [.. s_shares.Select(key => new { key, weight = 0.5, option = key })];

    private static async Task<Guid> StartedAsync(LooperApp looper, HttpClient admin, object plan)
    {
        using var created = await admin.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key = "banner-q4", name = "Banner", plan });
        Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync());
        var id = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        using var started = await admin.PostAsJsonAsync($"/api/experiments/{id}/start", new { reason = "agreed" });
        Assert.True(started.IsSuccessStatusCode, await started.Content.ReadAsStringAsync());
        await looper.Get<SnapshotRefresher>().Settled.WaitAsync(TimeSpan.FromSeconds(20)); // from here on it serves
        return id;
    }

    private static async Task<JsonNode> ReadAsync(HttpClient admin, Guid id) => (await admin.GetFromJsonAsync<JsonNode>($"/api/experiments/{id}"))!;

    /// <summary>Fires what the schedule would fire.</summary>
    private static async Task RunAsync(LooperApp looper, string job) =>
        await (await looper.Get<ISchedulerFactory>().GetScheduler()).TriggerJob(new JobKey(job, "recurring"));

    private static async Task<List<(string? Arm, string Id)>> DecideAsync(HttpClient app, int from, int to)
    {
        var answer = await app.OkAsync("/v1/decisions/batch", JsonSerializer.Serialize(new { items = Enumerable.Range(from, to - from).Select(i => new { decisionPoint = "banner", unit = $"u{i}" }) }));
        return [.. answer["items"]!.AsArray().Select(d => d!["result"]!).Select(d => (d["arm"]?.ToString(), d["decisionId"]!.ToString()))];
    }

    // Six in ten buy in b, two in ten in a.
    private static async Task<List<(string? Arm, string Id)>> SellAsync(HttpClient app, TestClock clock, int from, int to)
    {
        var random = new Philox(Sizes.Seed, "moving shares", from);
        var decided = await DecideAsync(app, from, to);
        Assert.All(decided, d => Assert.NotNull(d.Arm));
        clock.Turn(TimeSpan.FromSeconds(20));
        using var observed = await app.PostAsJsonAsync("/v1/observations/batch", new
        {
            items = decided.Select(d => new { decisionId = d.Id, outcomes = new { purchase = random.Uniform() < (d.Arm == "b" ? 0.6 : 0.2) } }),
        });
        Assert.True(observed.IsSuccessStatusCode, await observed.Content.ReadAsStringAsync());
        clock.Turn(TimeSpan.FromMinutes(2));
        return decided;
    }
}

using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Looper.InProcess;
using Looper.Testing;
using Looper.Testing.Servers;

namespace Looper.Client.Tests.InProcess;

/// <summary>A process that decides, and the program that it decides for.</summary>
public sealed class RealDecidingTests
{
    private const int Units = 2_000, AtOnce = 1_000;

    private static readonly string[] s_compared = ["decision", "propensity", "reason", "experiment", "arm", "blueprintVersion", "modelVersion", "isDefault"];

    private static readonly JsonObject s_blueprint = (JsonObject)JsonNode.Parse("""
        {
          "shape": "choice", "options": [ { "key": "a" }, { "key": "b" }, { "key": "none" } ], "default": "none", "rollout": { "share": 0.8, "holdout": 0.1 }, "training": { "isOn": false },
          "features": [
            { "name": "cartValue", "kind": "number" }, { "name": "country", "kind": "category" }, { "name": "interests", "kind": "tags" }, { "name": "taste", "kind": "vector", "dimension": 2 },
            { "name": "cartBand", "kind": "category", "derived": { "kind": "bucket", "of": "cartValue", "edges": [20, 50] } }
          ],
          "outcomes": [ { "name": "purchase", "kind": "boolean", "aggregation": "any" } ],
          "goal": { "terms": [ { "outcome": "purchase", "weight": 1 } ] },
          "policy": { "kind": "random" }
        }
        """)!;

    [Fact]
    public async Task R19_the_same_call_is_decided_and_recorded_as_over_HTTP()
    {
        await using var server = await LooperServer.StartAsync();
        using var admin = await server.SetUpAsync();
        await admin.PublishAsync(Points.Banner, s_blueprint);
        await StartExperimentAsync(admin);
        var key = await admin.CreateKeyAsync("decide", "observe", "read");
        using var app = server.WithKey(key);
        await Eventually.IsTrueAsync(async () => (await AskAsync(app, 0, 50, "try")).Any(d => d["reason"]!.GetValue<string>() == "experiment"));
        List<JsonNode> asked = [.. await AskAsync(app, 0, AtOnce, "d"), .. await AskAsync(app, AtOnce, AtOnce, "d")];
        var problems = new List<Problem>();
        await using var looper = new InProcessLooper(new()
        {
            Client = new() { Url = server.Address.ToString(), ApiKey = key, Budget = TimeSpan.FromSeconds(20), CloseWithin = TimeSpan.FromSeconds(30), OnProblem = problems.Add }, DecisionPoints = [Points.Banner],
        });
        Assert.True(await looper.IsReadyAsync(), string.Join('\n', problems));
        for (var i = 0; i < Units; i++)
        {
            var made = await looper.DecideAsync(Points.Banner, $"user-{i}", "fallback", Context(i), decisionId: $"d-{i}");
            var here = new JsonObject
            {
                ["decision"] = made.Value, ["propensity"] = made.Propensity, ["reason"] = made.Reason, ["experiment"] = made.Experiment, ["arm"] = made.Arm, ["blueprintVersion"] = made.BlueprintVersion,
                ["modelVersion"] = made.ModelVersion, ["isDefault"] = made.IsDefault,
            };
            Assert.All(s_compared, name => Assert.True(JsonNode.DeepEquals(asked[i][name], here[name]), $"{name} of {asked[i]} is {here[name]} here"));
        }
        Assert.Equal(["experiment", "explore", "holdout"], asked.Select(d => d["reason"]!.GetValue<string>()).Distinct().Order());
        Assert.True(await looper.DeliversAsync());
        Assert.Equal(new LooperCounters(Units, Units, 0, new(0, 0, 0, 0, 0)), looper.DecisionCounters); // each is the very decision that was recorded: another one would be a conflict
        Assert.Empty(problems);
    }

    [Fact]
    public async Task R19_decisions_and_their_outcomes_are_in_Looper_after_it_was_away()
    {
        await using var server = await LooperServer.StartAsync();
        using var admin = await server.SetUpAsync();
        await admin.PublishAsync(Points.Banner, s_blueprint);
        var key = await admin.CreateKeyAsync("decide", "observe", "read");
        using var spool = new TemporaryDirectory();
        InProcessOptions Options() => new() // it may come back on another port
        {
            Client = new() { Url = server.Address.ToString(), ApiKey = key, SpoolDirectory = spool.Path, CloseWithin = TimeSpan.FromSeconds(1) }, DecisionPoints = [Points.Banner],
            SnapshotDirectory = spool.Path, RefreshEvery = TimeSpan.FromMilliseconds(100),
        };
        var decisions = new List<Decision>();
        await using (var looper = new InProcessLooper(Options()))
        {
            Assert.True(await looper.IsReadyAsync());
            await DecideAsync(looper, 300);
            await server.KillAsync();
            await DecideAsync(looper, 300);
            Assert.False(await looper.CloseAsync());
        }
        await using (var offline = new InProcessLooper(Options()))
        {
            Assert.True(await offline.IsReadyAsync());
            Assert.True(offline.State().IsStale);
            await DecideAsync(offline, 100);
            Assert.Equal(["holdout", "stale"], decisions[^100..].Select(d => d.Reason).Distinct().Order());
        }
        await server.RestartAsync();
        await using var later = new InProcessLooper(Options());
        Assert.True(await later.DeliversAsync());
        Assert.Equal((0, 0), (later.DecisionCounters.Dropped.Refused, later.Counters.Dropped.Refused));
        using var analyst = await server.SignInAsync();
        foreach (var decision in decisions.Where((_, i) => i % 60 == 0))
        {
            var detail = await analyst.GetFromJsonAsync<JsonNode>($"/api/decisions/{decision.DecisionId}");
            Assert.Equal(("purchase", 1.0), (detail!["observations"]![0]!["outcome"]!.GetValue<string>(), detail["observations"]![0]!["value"]!.GetValue<double>()));
        }

        async Task DecideAsync(InProcessLooper looper, int count)
        {
            for (var i = 0; i < count; i++)
            {
                var decision = await looper.DecideAsync(Points.Banner, $"user-{decisions.Count}", "fallback", Context(decisions.Count));
                Assert.False(decision.IsFallback, decision.Problem);
                Assert.True(looper.Observe(decision, new { purchase = true }));
                decisions.Add(decision);
            }
        }
    }

    [Fact]
    public async Task R19_a_snapshot_that_Looper_refuses_leaves_the_decision_to_Looper_with_its_reason()
    {
        await using var server = await LooperServer.StartAsync();
        using var admin = await server.SetUpAsync();
        await admin.PublishAsync(Points.Banner, s_blueprint);
        var durable = s_blueprint.DeepClone().AsObject();
        durable["durable"] = true;
        await admin.PublishAsync("durable-banner", durable);
        var problems = new List<string>();
        await CheckAsync(await admin.CreateKeyAsync("decide", "observe", "read"), "durable-banner", "Version 1 is durable");
        await CheckAsync(await admin.CreateKeyAsync("decide", "observe"), Points.Banner, "read");

        async Task CheckAsync(string key, string point, string why)
        {
            problems.Clear();
            await using var looper = new InProcessLooper(new()
            {
                Client = new() { Url = server.Address.ToString(), ApiKey = key, Budget = TimeSpan.FromSeconds(20), OnProblem = p => problems.Add(p.Message) }, DecisionPoints = [point], RefreshEvery = TimeSpan.FromMilliseconds(100),
            });
            Assert.False(await looper.IsReadyAsync());
            Assert.Contains($"'{point}' is not decided here, but asked of Looper each time.", Assert.Single(problems), StringComparison.Ordinal);
            Assert.Contains(why, problems[0], StringComparison.Ordinal);
            var decision = await looper.DecideAsync(point, "user-42", "fallback");
            Assert.False(decision.IsFallback, decision.Problem);
            Assert.Equal(0, looper.DecisionCounters.Taken);
        }
    }

    private static async Task StartExperimentAsync(HttpClient admin)
    {
        object[] arms = [new { key = "control", weight = 0.4, option = "none" }, new { key = "b", weight = 0.3, option = "b" }, new { key = "drawn", weight = 0.3 }];
        using var created = await admin.PostAsJsonAsync("/api/experiments", new { decisionPoint = Points.Banner, key = "banner-q4", name = "Banner", plan = new { arms, traffic = 0.6 } });
        await LooperServer.EnsureAsync(created);
        using var started = await admin.PostAsJsonAsync($"/api/experiments/{(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]}/start", new { reason = "agreed" });
        await LooperServer.EnsureAsync(started);
    }

    private static async Task<List<JsonNode>> AskAsync(HttpClient app, int first, int count, string name)
    {
        var items = Enumerable.Range(first, count).Select(i => new { decisionPoint = Points.Banner, unit = $"user-{i}", decisionId = $"{name}-{i}", context = Context(i) });
        using var answered = await app.PostAsJsonAsync("/v1/decisions/batch", new { items }, JsonSerializerOptions.Default);
        await LooperServer.EnsureAsync(answered);
        return [.. (await answered.Content.ReadFromJsonAsync<JsonNode>())!["items"]!.AsArray().Select(i => i!["result"]!)];
    }

    // Whatever an app may send: values that fit, that do not, that are missing, and those that no feature is named after.
    private static Dictionary<string, object?> Context(int i) => new()
    {
        ["country"] = (i % 5) switch { 0 => null, 1 => "NL", 2 => "\u00dcber \"all\"", 3 => 5.0, _ => true },
        ["cartValue"] = (i % 3) switch { 0 => i / 7.0, 1 => "83.5", _ => "many" },
        ["interests"] = i % 2 == 0 ? new[] { "news", "sport" } : "news",
        ["taste"] = i % 4 == 0 ? new[] { 1.5 } : new[] { i / 3.0, -1e-7 },
        [$"other{i}"] = i,
    };
}

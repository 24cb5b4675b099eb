using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Numerics;
using Looper.Testing;
using Looper.Testing.Servers;

namespace Looper.EndToEnd.Tests;

/// <summary>R11 on the real process: a training killed in any phase is resumed after the restart and publishes once.</summary>
[Collection("processes")]
public sealed class TrainingKillTests(ITestOutputHelper output)
{
    private const string Point = "training-banner";
    private const int Units = 6_000;

    // One outcome for which silence means nothing, so that arrived outcomes can be learned from at once.
    private static readonly JsonObject s_blueprint = (JsonObject)JsonNode.Parse("""
        {
          "shape": "choice", "options": [ { "key": "a" }, { "key": "b" } ], "default": "a",
          "features": [ { "name": "country", "kind": "category" }, { "name": "age", "kind": "number" }, { "name": "visits", "kind": "number" } ],
          "outcomes": [ { "name": "purchase", "kind": "boolean", "absent": null } ],
          "goal": { "terms": [ { "outcome": "purchase", "weight": 1 } ] },
          "policy": { "kind": "random" },
          "training": { "firstModelAt": 0, "searchSeconds": 2 }
        }
        """)!;

    private static readonly Dictionary<string, string> s_quick = new() { ["Looper:Jobs:Pulse"] = "00:00:00.1", ["Looper:Jobs:Lease"] = "00:00:05" };

    [Fact]
    public async Task R11_a_training_killed_in_each_phase_publishes_exactly_one_model()
    {
        await using var server = await LooperServer.StartAsync(s_quick);
        using (var admin = await server.SetUpAsync()) await FillAsync(server, admin);
        var (runs, kills) = (0, 0);
        foreach (var phase in new[] { "Start", "Search settings" })
        {
            for (var kill = 0; kill < Sizes.R11KillsPerPhase; kill++)
            {
                var id = await KillInAsync(server, phase, () => runs++);
                await server.RestartAsync();
                using var after = await server.SignInAsync();
                await Eventually.IsTrueAsync(async () => IsOver(await RunAsync(after, id)), TimeSpan.FromSeconds(120));
                var ended = await RunAsync(after, id);
                output.WriteLine($"{phase}: {ended["state"]}, {ended["starts"]} starts. {ended["result"]}");
                Assert.True(ended["starts"]!.GetValue<int>() >= 2, "It was not resumed.");
                Assert.Equal("done", ended["state"]!.ToString(), ignoreCase: true);
                kills++;
                Assert.Equal(++runs, await ModelsAsync(after));
            }
        }
        output.WriteLine(FaultLedger.Line("R11", kills, "kills in the phases of a training, one model each"));
    }

    /// <summary>Without a search the other steps take most of the time: kills spread evenly over a training meet them all, the last while it registers.</summary>
    [Fact]
    public async Task R11_a_training_killed_at_any_moment_registers_one_whole_model()
    {
        await using var server = await LooperServer.StartAsync(s_quick);
        using (var admin = await server.SetUpAsync())
        {
            var plain = (JsonObject)s_blueprint.DeepClone();
            plain["training"] = JsonNode.Parse("""{ "firstModelAt": 0, "searchSeconds": 0, "selection": { "isOn": true }, "gate": { "shadowDecisions": 0 } }""");
            await FillAsync(server, admin, plain);
        }
        var (met, lasts) = (new SortedDictionary<string, int>(), TimeSpan.Zero);
        for (var kill = -1; kill < Sizes.R11Moments; kill++) // the first runs through, and says how long a training takes
        {
            using var admin = await server.SignInAsync();
            var since = Stopwatch.GetTimestamp();
            var id = await TrainAsync(admin);
            if (kill < 0)
            {
                await Eventually.IsTrueAsync(async () => IsOver(await RunAsync(admin, id)), TimeSpan.FromSeconds(120));
                lasts = Stopwatch.GetElapsedTime(since);
                continue;
            }
            var at = lasts * ((kill + 1.0) / Sizes.R11Moments);
            if (at - Stopwatch.GetElapsedTime(since) is { Ticks: > 0 } wait) await Task.Delay(wait);
            var run = await RunAsync(admin, id);
            await server.KillAsync();
            var phase = IsOver(run) ? "over" : run["phase"]?.ToString() ?? "waiting";
            met[phase] = met.GetValueOrDefault(phase) + 1;
            await server.RestartAsync();
            using var after = await server.SignInAsync();
            await Eventually.IsTrueAsync(async () => IsOver(await RunAsync(after, id)), TimeSpan.FromSeconds(120));
            Assert.Equal("done", (await RunAsync(after, id))["state"]!.ToString(), ignoreCase: true);
            await AreWholeAsync(after, kill + 2);
        }
        output.WriteLine($"R11, {Sizes.R11Moments} moments of a training of {lasts.TotalSeconds:0.0} s: {string.Join(", ", met.Select(m => $"{m.Key} {m.Value}"))}");
        Assert.True(met.Keys.Count(k => k != "over") >= (Sizes.IsLong ? 3 : 1), "The kills did not meet a training.");
    }

    /// <summary>As many models as trainings; every one can be read, has one decision of the gate, and learned from the same rows; at most one is live.</summary>
    private static async Task AreWholeAsync(HttpClient admin, int models)
    {
        var all = (await admin.GetFromJsonAsync<JsonArray>($"/api/decision-points/{Point}/models"))!;
        Assert.Equal(models, all.Count);
        Assert.InRange(all.Count(m => m!["state"]!.ToString().Equals("live", StringComparison.OrdinalIgnoreCase)), 0, 1);
        for (var number = 1; number <= models; number++)
        {
            var model = (await admin.GetFromJsonAsync<JsonNode>($"/api/decision-points/{Point}/models/{number}"))!;
            Assert.Null(model["fault"]?.ToString());
            Assert.Equal("training", Assert.Single(model["decisions"]!.AsArray(), d => d!["stage"]!.ToString() == "training")!["stage"]!.ToString());
            Assert.Equal(Units, model["model"]!["rows"]!.GetValue<int>());
        }
    }

    /// <summary>Kills the server while a training is in the phase; one that ran through too quickly is followed by another.</summary>
    private static async Task<Guid> KillInAsync(LooperServer server, string phase, Action ranThrough)
    {
        using var admin = await server.SignInAsync();
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var id = await TrainAsync(admin);
            JsonNode run = null!;
            await Eventually.IsTrueAsync(async () => IsOver(run = await RunAsync(admin, id)) || (run["state"]!.ToString().Equals("running", StringComparison.OrdinalIgnoreCase)
                && (phase == "Start" || run["phase"]!.ToString().StartsWith(phase, StringComparison.Ordinal))), TimeSpan.FromSeconds(120));
            if (IsOver(run))
            {
                ranThrough();
                continue;
            }
            await server.KillAsync();
            return id;
        }
        throw new InvalidOperationException($"No training was met in '{phase}'.");
    }

    [Fact]
    public async Task R11_a_training_is_cancelled_within_five_seconds()
    {
        await using var server = await LooperServer.StartAsync(s_quick);
        using var admin = await server.SetUpAsync();
        await FillAsync(server, admin);
        var id = await TrainAsync(admin);
        await Eventually.IsTrueAsync(async () => (await RunAsync(admin, id))["phase"]!.ToString().StartsWith("Search settings", StringComparison.Ordinal));
        using (var cancelled = await admin.PostAsync(new Uri($"/api/jobs/{id}/cancel", UriKind.Relative), null)) await LooperServer.EnsureAsync(cancelled);
        await Eventually.IsTrueAsync(async () => IsOver(await RunAsync(admin, id)), TimeSpan.FromSeconds(Sizes.IsLong ? 5 : 50));
        Assert.Equal("cancelled", (await RunAsync(admin, id))["state"]!.ToString(), ignoreCase: true);
        Assert.Equal(0, await ModelsAsync(admin));
    }

    private static async Task FillAsync(LooperServer server, HttpClient admin, JsonObject? blueprint = null)
    {
        await admin.PublishAsync(Point, blueprint ?? s_blueprint);
        using var app = server.WithKey(await admin.CreateKeyAsync("decide", "observe"));
        var random = new Philox(Sizes.Seed, "R11");
        for (var from = 0; from < Units; from += 500)
        {
            var calls = Enumerable.Range(from, 500).Select(i => new
            {
                decisionPoint = Point, unit = $"u-{i}", decisionId = $"d-{i}",
                context = new { country = random.Below(2) == 0 ? "NL" : "DE", age = 18 + random.Below(60), visits = random.Below(20) },
            }).ToArray();
            using var decided = await app.PostAsJsonAsync("/v1/decisions/batch", new { items = calls });
            await LooperServer.EnsureAsync(decided);
            using var observed = await app.PostAsJsonAsync("/v1/observations/batch", new
            {
                items = calls.Select(c => new { decisionId = c.decisionId, outcomes = new { purchase = random.Uniform() < (c.context.country == "NL" ? 0.5 : 0.2) ? 1 : 0 } }).ToArray(),
            });
            await LooperServer.EnsureAsync(observed);
        }
    }

    private static async Task<Guid> TrainAsync(HttpClient admin)
    {
        using var started = await admin.PostAsJsonAsync($"/api/decision-points/{Point}/models", new { provisional = true });
        await LooperServer.EnsureAsync(started);
        return JsonNode.Parse(await started.Content.ReadAsStringAsync())!["jobId"]!.GetValue<Guid>();
    }

    private static async Task<JsonNode> RunAsync(HttpClient admin, Guid id) => (await admin.GetFromJsonAsync<JsonNode>($"/api/jobs/{id}"))!["run"]!;

    private static bool IsOver(JsonNode run) => run["state"]!.ToString().ToLowerInvariant() is "done" or "failed" or "cancelled";

    private static async Task<int> ModelsAsync(HttpClient admin) => (await admin.GetFromJsonAsync<JsonArray>($"/api/decision-points/{Point}/models"))!.Count;
}

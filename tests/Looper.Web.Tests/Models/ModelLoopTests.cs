using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Models;
using Looper.Core.Monitoring;
using Looper.Core.Numerics;
using Looper.Testing;
using Looper.Testing.Servers;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Models;

/// <summary>The whole loop over HTTP: decisions, outcomes, a training that nobody asked for, the shadow, the gate, a promotion, and the way back. Two things are
/// the test's: the clock, which it turns, and the minute at which a schedule looks, which it does not wait for. Calibration is not what is tested: a model that
/// has learned from three worlds is off by a little in the last, so its limit is wide.</summary>
public sealed class ModelLoopTests(ITestOutputHelper output)
{
    private const string Point = "/api/decision-points/banner";
    private static readonly string[] s_countries = ["NL", "DE", "FR"];
    private static readonly string[] s_options = ["none", "ten-percent", "free-shipping"];

    private static readonly JsonObject s_blueprint = (JsonObject)JsonNode.Parse("""
        {
          "shape": "choice", "options": [ { "key": "none" }, { "key": "ten-percent" }, { "key": "free-shipping" } ], "default": "none",
          "features": [ { "name": "country", "kind": "category" }, { "name": "cart", "kind": "number" } ],
          "outcomes": [ { "name": "purchase", "kind": "boolean", "absent": null, "window": "00:05:00" } ],
          "goal": { "terms": [ { "outcome": "purchase", "weight": 1 } ] },
          "policy": { "kind": "epsilon-greedy", "epsilon": 0.6 },
          "training": { "firstModelAt": 600, "retrainAfter": 600, "retrainEvery": null, "retrainOnDrift": false, "searchSeconds": 0, "gate": { "shadowDecisions": 300, "calibrationError": 0.2 } }
        }
        """)!;

    /// <summary>Whether a customer buys: the banner of her country works, elsewhere it hardly does. In the second world a full cart matters, too.</summary>
    private enum World
    {
        First,
        Broken, // outcomes are a coin that knows nothing
        Second,
    }

    [Fact]
    public async Task A_better_candidate_goes_live_beside_evidence_and_back_at_a_click_and_a_worse_one_is_held_back()
    {
        var clock = new TestClock();
        await using var looper = new LooperApp(new() { ["Looper:Jobs:Pulse"] = "00:00:00.1" }, services => services.AddSingleton<TimeProvider>(clock));
        var admin = await looper.SignedInAsync(Role.Admin);
        await admin.PublishAsync("banner", s_blueprint);
        var app = await looper.WithKeyAsync();
        var shop = new Shop(app, clock);

        await shop.SellAsync(World.First, 3_500);
        Assert.Equal([("live", "training", "promoted")], await TrainedAsync(looper, admin, 1));
        await Eventually.IsTrueAsync(async () => await ServedByAsync(app) == 1);

        // What was reported tells nothing: the candidate that learned from it is no better than the live one, and stays one.
        await shop.SellAsync(World.Broken, 1_000);
        Assert.Equal([("candidate", "training", "kept")], await TrainedAsync(looper, admin, 2));
        var held = (await admin.GetFromJsonAsync<JsonNode>($"{Point}/models/2"))!["evidence"]!;
        Assert.Contains(held["lines"]!.AsArray(), l => !l!["holds"]!.GetValue<bool>() && l["rule"]!.ToString() == "Better than always predicting the average");

        // The world has changed: the next candidate knows, the live model does not.
        await shop.SellAsync(World.Second, 3_000);
        Assert.Equal([("shadow", "training", "shadowed")], await TrainedAsync(looper, admin, 3));
        Assert.Equal(1, await ServedByAsync(app));
        Assert.True(await looper.Get<DriftCheck>().CheckAsync(default) > 0);
        var alert = Assert.Single((await admin.GetFromJsonAsync<JsonArray>("/api/alerts?decisionPoint=banner&active=true"))!, a => a!["condition"]!.ToString().StartsWith("model.", StringComparison.Ordinal))!;
        Assert.Equal(("purchase", 1), (alert["subject"]!.ToString(), alert["modelNumber"]!.GetValue<int>()));
        await shop.SellAsync(World.Second, 200);
        await looper.Get<ShadowReview>().CheckAsync(default);
        var beside = (await admin.GetFromJsonAsync<JsonNode>($"{Point}/models/3"))!;
        Assert.Equal("shadow", beside["model"]!["state"]!.ToString());
        Assert.InRange(beside["shadow"]!["decisions"]!.GetValue<int>(), 200, 205);
        await shop.SellAsync(World.Second, 400);
        await looper.Get<ShadowReview>().CheckAsync(default);
        Assert.Equal([("live", "shadow", "promoted"), ("live", "training", "shadowed")], await StateAsync(admin, 3));
        await Eventually.IsTrueAsync(async () => await ServedByAsync(app) == 3);
        var evidence = (await admin.GetFromJsonAsync<JsonArray>($"{Point}/models/3/gate-decisions"))![0]!;
        output.WriteLine(evidence.ToJsonString());
        var notWorse = Assert.Single(evidence["evidence"]!["lines"]!.AsArray(), l => l!["rule"]!.ToString() == "Not worse than live model 1 on live decisions")!;
        Assert.True(notWorse["holds"]!.GetValue<bool>());
        Assert.InRange(notWorse["rows"]!.GetValue<int>(), 300, 700);
        Assert.InRange(notWorse["value"]!.GetValue<double>(), 0.01, 1);

        await looper.Get<DriftCheck>().CheckAsync(default); // what was wrong was wrong of model 1
        Assert.DoesNotContain((await admin.GetFromJsonAsync<JsonArray>("/api/alerts?decisionPoint=banner&active=true"))!, a => a!["condition"]!.ToString().StartsWith("model.", StringComparison.Ordinal));
        var served = (await admin.GetFromJsonAsync<JsonNode>($"{Point}/models/1/live-quality"))!;
        Assert.InRange(served["units"]!.GetValue<int>(), 4_600, 4_601); // every customer while it was live
        Assert.Equal(alert["condition"]!.ToString(), served["condition"]!.ToString());
        await Problem.IsAsync(await admin.GetAsync($"{Point}/models/2/live-quality"), HttpStatusCode.Conflict, "model.never-live");

        clock.Turn(TimeSpan.FromSeconds(1)); // the newest decision is known by its time
        Assert.Equal(1, (await admin.OkAsync($"{Point}/models/go-back", """{"outcome":"purchase","reason":"odd banners"}"""))["number"]!.GetValue<int>());
        await Eventually.IsTrueAsync(async () => await ServedByAsync(app) == 1);
        Assert.Equal(("rolledBack", "odd banners"), await NewestAsync(admin));

        // From the same data, settings and seed the same bytes come out, however many decisions came since; without those data none do, and it says so.
        Assert.Matches(@"^Model 1 was made again from 3,500 examples: the same [\d,]+ bytes\.$", await MadeAgainAsync(admin, 1));
        Assert.Matches(@"^Model 3 was made again from 7,500 examples: the same [\d,]+ bytes\.$", await MadeAgainAsync(admin, 3));
        await admin.OkAsync("/api/erasures", """{"unit":"u-1","confirm":"u-1"}""");
        Assert.Contains("Model 1 cannot be made again: its data are not those of then.", await MadeAgainAsync(admin, 1), StringComparison.Ordinal);
        Assert.Equal(3, (await admin.GetFromJsonAsync<JsonArray>($"{Point}/models"))!.Count);
    }

    /// <summary>Lets the schedule look, waits for what it started, and says what became of the model.</summary>
    private async Task<(string State, string Stage, string Verdict)[]> TrainedAsync(LooperApp looper, HttpClient admin, int number)
    {
        Assert.Equal(1, await looper.Get<TrainingTriggers>().CheckAsync(default));
        JsonNode? run = null;
        await Eventually.IsTrueAsync(async () => (run = (await admin.GetFromJsonAsync<JsonNode>("/api/jobs"))![0])!["state"]!.ToString() is "done" or "failed", TimeSpan.FromSeconds(60));
        output.WriteLine(run!["result"]?.ToString() ?? run.ToJsonString());
        output.WriteLine((await admin.GetFromJsonAsync<JsonNode>($"{Point}/models/{number}"))!["evidence"]!.ToJsonString());
        return await StateAsync(admin, number);
    }

    private static async Task<string> MadeAgainAsync(HttpClient admin, int number)
    {
        var started = await admin.OkAsync($"{Point}/models/{number}/train-again", "{}");
        JsonNode? run = null;
        await Eventually.IsTrueAsync(async () => (run = (await admin.GetFromJsonAsync<JsonNode>($"/api/jobs/{started["jobId"]}"))!["run"]!)["state"]!.ToString() is "done" or "failed", TimeSpan.FromSeconds(60));
        return run!["result"]?.ToString() ?? run.ToJsonString();
    }

    private static async Task<(string State, string Stage, string Verdict)[]> StateAsync(HttpClient admin, int number)
    {
        var state = (await admin.GetFromJsonAsync<JsonNode>($"{Point}/models/{number}"))!["model"]!["state"]!.ToString();
        return [.. (await admin.GetFromJsonAsync<JsonArray>($"{Point}/models/{number}/gate-decisions"))!.Select(d => (state, d!["stage"]!.ToString(), d["verdict"]!.ToString()))];
    }

    private static async Task<(string, string)> NewestAsync(HttpClient admin)
    {
        var newest = (await admin.GetFromJsonAsync<JsonArray>($"{Point}/models/gate-decisions"))![0]!;
        return (newest["verdict"]!.ToString(), newest["reason"]!.ToString());
    }

    private static async Task<int> ServedByAsync(HttpClient app) =>
        (await app.OkAsync("/v1/decisions", """{"decisionPoint":"banner","unit":"asks","context":{"country":"NL","cart":10}}"""))["modelVersion"]?.GetValue<int>() ?? 0;

    private sealed class Shop(HttpClient app, TestClock clock)
    {
        private const int AtOnce = 50;

        private readonly Philox _random = new(Sizes.Seed, "model loop");
        private int _customers;

        /// <summary>Customers come fifty at a time, half a minute apart, and answer within it; then every window closes.</summary>
        public async Task SellAsync(World world, int customers)
        {
            for (var sold = 0; sold < customers; sold += AtOnce)
            {
                var people = Enumerable.Range(0, AtOnce).Select(_ => (Country: _random.Below(3), Cart: 10 + _random.Below(90))).ToArray();
                var decided = await app.OkAsync("/v1/decisions/batch", JsonSerializer.Serialize(new
                {
                    items = people.Select((p, i) => new { decisionPoint = "banner", unit = $"u-{_customers + i}", context = new { country = s_countries[p.Country], cart = p.Cart } }),
                }));
                clock.Turn(TimeSpan.FromSeconds(30));
                using var observed = await app.SendAsync("/v1/observations/batch", JsonSerializer.Serialize(new
                {
                    items = decided["items"]!.AsArray().Select((d, i) => new { decisionId = d!["result"]!["decisionId"]!.ToString(), outcomes = new { purchase = Buys(world, people[i].Country, people[i].Cart, d["result"]!["decision"]!.ToString()) } }),
                }));
                Assert.True(observed.IsSuccessStatusCode, await observed.Content.ReadAsStringAsync());
                _customers += AtOnce;
            }
            clock.Turn(TimeSpan.FromMinutes(6));
        }

        private bool Buys(World world, int country, int cart, string option) => _random.Uniform() < world switch
        {
            World.Broken => 0.3,
            _ => (option == s_options[country] ? 0.65 : 0.1) + (world == World.Second && cart > 55 ? 0.35 : 0),
        };
    }
}

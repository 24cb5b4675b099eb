using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Testing;
using Looper.Testing.Servers;

namespace Looper.Client.Tests;

/// <summary>The client and the program that it is for.</summary>
public sealed class RealLooperTests
{
    private static readonly JsonObject s_blueprint = (JsonObject)JsonNode.Parse("""
        {
          "shape": "choice", "options": [ { "key": "a" }, { "key": "b" }, { "key": "none" } ], "default": "none",
          "features": [ { "name": "cartValue", "kind": "number" }, { "name": "country", "kind": "category" } ],
          "outcomes": [ { "name": "purchase", "kind": "boolean", "aggregation": "any" }, { "name": "revenue", "kind": "number", "aggregation": "sum" } ],
          "goal": { "terms": [ { "outcome": "purchase", "weight": 1 } ] },
          "policy": { "kind": "random" }
        }
        """)!;

    [Fact]
    public async Task R19_decisions_and_outcomes_reach_Looper_through_its_restart()
    {
        await using var server = await LooperServer.StartAsync();
        using var admin = await server.SetUpAsync();
        await admin.PublishAsync("checkout-banner", s_blueprint);
        var key = await admin.CreateKeyAsync("decide", "observe");
        var problems = new List<string>();
        await using var client = new LooperClient(new() { Url = server.Address.ToString(), ApiKey = key, Budget = TimeSpan.FromSeconds(20), CloseWithin = TimeSpan.FromSeconds(30), OnProblem = p => problems.Add(p.Message) });
        var decision = await client.DecideAsync("checkout-banner", "user-42", "fallback", new { country = "NL", cartValue = double.NaN });
        Assert.Null(decision.Problem);
        Assert.True(decision.Value is "a" or "b" or "none", decision.Value);
        Assert.Equal((1.0 / 3, 1, false, true), (decision.Propensity!.Value, decision.BlueprintVersion, decision.IsFallback, decision.Recorded));
        var ahead = TimeProvider.System.GetUtcNow().AddYears(1); // a clock that is wrong is no reason to refuse
        Assert.True(client.Observe(decision, new { purchase = true, revenue = 24.9 }, time: ahead));
        Assert.True(client.ObserveUnit("user-42", new { purchase = true }));
        Assert.True(client.Observe(decision, new { purchse = true }));
        Assert.True(await client.DeliversAsync());
        Assert.Equal(new LooperCounters(3, 2, 0, new(1, 0, 0, 0, 0)), client.Counters);
        Assert.Contains("Did you mean 'purchase'?", Assert.Single(problems), StringComparison.Ordinal);
        var unknown = await client.DecideAsync("checkout-baner", "user-42", "fallback");
        Assert.Equal(("fallback", FallbackReason.Refused), (unknown.Value, unknown.Reason));
        Assert.Contains("There is no decision point 'checkout-baner'", unknown.Problem, StringComparison.Ordinal);

        await server.KillAsync();
        using var spool = new TemporaryDirectory();
        await using (var meanwhile = new LooperClient(new() { Url = server.Address.ToString(), ApiKey = key, SpoolDirectory = spool.Path, CloseWithin = TimeSpan.Zero }))
            Assert.True(meanwhile.Observe(decision, new { revenue = 5 }));
        await server.RestartAsync();
        await using (var later = new LooperClient(new() { Url = server.Address.ToString(), ApiKey = key, SpoolDirectory = spool.Path })) Assert.True(await later.FlushAsync(TimeSpan.FromSeconds(30)));
        using var analyst = await server.SignInAsync();
        var detail = await analyst.GetFromJsonAsync<JsonNode>($"/api/decisions/{decision.DecisionId}");
        var observed = detail!["observations"]!.AsArray().Select(o => (o!["outcome"]!.GetValue<string>(), o["value"]!.GetValue<double>())).Order();
        Assert.Equal([("purchase", 1), ("purchase", 1), ("revenue", 5), ("revenue", 24.9)], observed);
    }
}

using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Testing;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Api;

/// <summary>A bandit among candidates over HTTP: calls with other candidates each, outcomes, learning, and another choice.</summary>
public sealed class PickBanditApiTests
{
    private static readonly BlueprintContent Content = new()
    {
        Shape = DecisionShape.Pick, Default = DecisionShapes.AsSent, Features = [new("country", FeatureKind.Category)],
        CandidateFeatures = [new("brand", FeatureKind.Category), new("price", FeatureKind.Number)],
        Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1), Absent = 0 }], Goal = new() { Terms = [new("purchase")] },
        Policy = new BanditPolicy { Algorithm = "squarecb", Explore = 0.04 }, Training = new() { IsOn = false },
    };

    private readonly TestClock _clock = new();

    [Fact] // in NL acme sells, in DE best
    public async Task It_learns_from_candidates_that_change_from_call_to_call()
    {
        await using var app = new LooperApp(services: s => s.AddSingleton<TimeProvider>(_clock));
        await app.PublishAsync("offers", Content);
        using var client = await app.WithKeyAsync(KeyScopes.Decide | KeyScopes.Observe);
        for (var i = 0; i < 400; i++)
        {
            var (country, answer) = (i % 2 == 0 ? "NL" : "DE", await DecideAsync(client, i));
            if (i < 8) Assert.Equal(0.25, (double)answer["propensity"]!, 1e-12); // nothing is known
            if (((string)answer["decision"]!).StartsWith(country == "NL" ? "acme" : "best", StringComparison.Ordinal) ? i % 10 != 0 : i % 10 == 0)
                await client.OkAsync("/v1/observations", $$$"""{"decisionId":"{{{(string)answer["decisionId"]!}}}","outcomes":{"purchase":1}}""");
        }
        _clock.Turn(TimeSpan.FromMinutes(10));
        Assert.Equal(1, await app.Get<BanditLearning>().LearnAsync(default));
        await app.Get<SnapshotRefresher>().RefreshAsync(default);

        var suited = 0;
        for (var i = 400; i < 600; i++)
        {
            var answer = await DecideAsync(client, i);
            var shares = answer["ranking"]!.AsArray().Select(r => (double)r!["propensity"]!).ToArray();
            Assert.Equal(1, shares.Sum(), 1e-9);
            Assert.InRange(shares.Min(), 0.01 - 1e-12, 0.25);
            Assert.Equal((double)answer["propensity"]!, shares[0]);
            if (((string)answer["decision"]!).StartsWith(i % 2 == 0 ? "acme" : "best", StringComparison.Ordinal)) suited++;
        }
        Assert.True(suited > 120, $"{suited} of 200, 50 by chance");

        using var viewer = await app.SignedInAsync(Role.Analyst);
        var view = (await viewer.GetFromJsonAsync<JsonNode>("/api/decision-points/offers/bandit"))!;
        Assert.Equal((400L, true), ((long)view["decisions"]!, (bool)view["picks"]!));
        Assert.NotEmpty(view["options"]!.AsArray());
        var page = await viewer.GetStringAsync("/decision-points/offers/policy");
        Assert.Contains("Picked most of late", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Chance of being best", page, StringComparison.Ordinal);
    }

    private static async Task<JsonNode> DecideAsync(HttpClient client, int i) =>
        await client.OkAsync("/v1/decisions", $$$"""{"decisionPoint":"offers","unit":"u{{{i}}}","context":{"country":"{{{(i % 2 == 0 ? "NL" : "DE")}}}"},"candidates":[{{{BrandCandidates.Of(i)}}}]}""");
}

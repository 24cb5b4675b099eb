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

/// <summary>A bandit that ranks over HTTP: orders of which two places are shown, outcomes that name their candidate, learning, and other orders.</summary>
public sealed class RankingBanditApiTests
{
    private static readonly BlueprintContent s_content = new()
    {
        Shape = DecisionShape.Ranking, Positions = 2, Default = DecisionShapes.AsSent, Features = [new("country", FeatureKind.Category)],
        CandidateFeatures = [new("brand", FeatureKind.Category), new("price", FeatureKind.Number)],
        Outcomes = [new("click", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1), Absent = 0 }], Goal = new() { Terms = [new("click")] },
        Policy = new BanditPolicy { Algorithm = "squarecb", Explore = 0.04 }, Training = new() { IsOn = false },
    };

    private readonly TestClock _clock = new();

    [Fact] // in NL acme is wanted, in DE best; the second place is looked at by every other user
    public async Task It_learns_from_every_place_what_suits_whom_and_what_a_place_brings()
    {
        await using var app = new LooperApp(services: s => s.AddSingleton<TimeProvider>(_clock));
        await app.PublishAsync("feed", s_content);
        using var client = await app.WithKeyAsync(KeyScopes.Decide | KeyScopes.Observe);
        var random = new Core.Numerics.Philox(6, "ranking-bandit");
        for (var from = 0; from < 600; from += 200)
        {
            var reports = new List<string>();
            foreach (var (answer, i) in (await DecideAsync(client, from, 200)).Select((a, i) => (a, i)))
            {
                for (var place = 0; place < 2; place++)
                {
                    var shown = answer["ranking"]![place]!;
                    Assert.Equal(place == 0 ? 1 / 4.0 : 1 / 3.0, (double)shown["propensity"]!, 1e-12); // nothing is known
                    var wanted = ((string)shown["id"]!).StartsWith(i % 2 == 0 ? "acme" : "best", StringComparison.Ordinal) ? 0.8 : 0.2;
                    if (random.Uniform() < wanted * (place == 0 ? 1 : 0.5)) reports.Add($$$"""{"decisionId":"{{{answer["decisionId"]}}}","candidate":"{{{shown["id"]}}}","outcomes":{"click":1}}""");
                }
            }
            await client.OkAsync("/v1/observations/batch", $$"""{"items":[{{string.Join(',', reports)}}]}""");
        }
        _clock.Turn(TimeSpan.FromMinutes(10));
        Assert.Equal(1, await app.Get<BanditLearning>().LearnAsync(default));
        await app.Get<SnapshotRefresher>().RefreshAsync(default);

        var suited = 0;
        foreach (var (answer, i) in (await DecideAsync(client, 600, 200)).Select((a, i) => (a, i)))
        {
            var ranking = answer["ranking"]!.AsArray();
            Assert.Equal((double)answer["propensity"]!, (double)ranking[0]!["propensity"]!);
            Assert.InRange((double)ranking[1]!["propensity"]!, 0.04 / 3 - 1e-12, 1);
            if (((string)ranking[0]!["id"]!).StartsWith(i % 2 == 0 ? "acme" : "best", StringComparison.Ordinal)) suited++;
        }
        Assert.True(suited > 140, $"{suited} of 200, 50 by chance");

        using var viewer = await app.SignedInAsync(Role.Analyst);
        var view = (await viewer.GetFromJsonAsync<JsonNode>("/api/decision-points/feed/bandit"))!;
        Assert.Equal((600L, true, true), ((long)view["decisions"]!, (bool)view["picks"]!, (bool)view["ranks"]!));
        Assert.Equal((600, 1_200, 1_200), (view["steps"]!.AsArray().Sum(s => (long)s!["decisions"]!), view["steps"]!.AsArray().Sum(s => (long)s!["places"]!), view["steps"]!.AsArray().Sum(s => (long)s!["explored"]!))); // nothing was known
        var places = view["places"]!.AsArray();
        Assert.Equal([(1, 1.0), (2, 600.0)], [(places.Count - 1, (double)places[0]!["effect"]!), ((int)places[1]!["last"]!, (double)places[1]!["shown"]!)]);
        Assert.InRange((double)places[1]!["effect"]!, 0.35, 0.65);
        var page = await viewer.GetStringAsync("/decision-points/feed/policy");
        Assert.Contains("Placed first most of late", page, StringComparison.Ordinal);
        Assert.Contains("What a place brings", page, StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<JsonNode>> DecideAsync(HttpClient client, int from, int count)
    {
        var calls = Enumerable.Range(from, count).Select(i =>
            $$$"""{"decisionPoint":"feed","unit":"u{{{i}}}","context":{"country":"{{{(i % 2 == 0 ? "NL" : "DE")}}}"},"candidates":[{{{BrandCandidates.Of(i)}}}]}""");
        return (await client.OkAsync("/v1/decisions/batch", $$"""{"items":[{{string.Join(',', calls)}}]}"""))["items"]!.AsArray().Select(i => i!["result"]!);
    }
}

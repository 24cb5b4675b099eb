using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Core.Numerics;
using Looper.Testing;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Api;

/// <summary>A bandit among candidates with a guardrail over HTTP: published, beginning with what was sent, and told over the API and on the page.</summary>
public sealed class GuardedCandidatesApiTests
{
    private readonly TestClock _clock = new();

    private static BlueprintContent Content(bool ranks) => new()
    {
        Shape = ranks ? DecisionShape.Ranking : DecisionShape.Pick, Positions = ranks ? 2 : null, Default = DecisionShapes.AsSent, Features = [new("country", FeatureKind.Category)],
        CandidateFeatures = [new("brand", FeatureKind.Category), new("price", FeatureKind.Number)],
        Outcomes =
        [
            new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1), Absent = 0 },
            new("refund", OutcomeKind.Boolean) { Better = Direction.Lower, Window = TimeSpan.FromMinutes(1), Absent = 0 },
        ],
        Goal = new() { Terms = [new("purchase")], Guardrails = [new("refund", 0.2)] }, Policy = new BanditPolicy { Explore = 0.2 }, Training = new() { IsOn = false },
    };

    [Theory, InlineData(false), InlineData(true)] // acme sells best and is sent back five times as often; each brand is sent first in every fourth call
    public async Task It_begins_with_what_was_sent_and_tells_how_it_stands_with_its_guardrail(bool ranks)
    {
        await using var app = new LooperApp(services: s => s.AddSingleton<TimeProvider>(_clock));
        await app.PublishAsync("offers", Content(ranks));
        using var client = await app.WithKeyAsync(KeyScopes.Decide | KeyScopes.Observe);
        using var viewer = await app.SignedInAsync(Role.Analyst);
        Assert.Contains($"The {(ranks ? "order" : "first candidate")} sent is given so far", await viewer.GetStringAsync("/decision-points/offers/policy"), StringComparison.Ordinal);
        var random = new Philox(8, "guarded-candidates");
        for (var from = 0; from < 800; from += 200)
        {
            var reports = new List<string>();
            foreach (var answer in await DecideAsync(client, from))
            {
                Assert.InRange((double)answer["propensity"]!, 0.2 / 4 - 1e-12, 0.8 + 0.2 / 4 + 1e-12);
                for (var place = 0; place < (ranks ? 2 : 1); place++)
                {
                    var id = (string)answer["ranking"]![place]!["id"]!;
                    var isAcme = id.StartsWith("acme", StringComparison.Ordinal);
                    var (bought, refunded) = (random.Uniform() < (isAcme ? 0.8 : id.StartsWith("best", StringComparison.Ordinal) ? 0.5 : 0.2), random.Uniform() < (isAcme ? 0.5 : 0.1));
                    foreach (var outcome in new[] { bought ? "purchase" : null, refunded ? "refund" : null }.OfType<string>())
                        reports.Add($$$"""{"decisionId":"{{{answer["decisionId"]}}}",{{{(ranks ? $"\"candidate\":\"{id}\"," : "")}}}"outcomes":{"{{{outcome}}}":1}}""");
                }
            }
            await client.OkAsync("/v1/observations/batch", $$"""{"items":[{{string.Join(',', reports)}}]}""");
        }
        _clock.Turn(TimeSpan.FromMinutes(10));
        Assert.Equal(1, await app.Get<BanditLearning>().LearnAsync(default));
        await app.Get<SnapshotRefresher>().RefreshAsync(default);

        var view = (await viewer.GetFromJsonAsync<JsonNode>("/api/decision-points/offers/bandit"))!;
        var figure = view["guardrails"]![0]!;
        Assert.Equal(("refund", "binding", DecisionShapes.AsSent), ((string)figure["outcome"]!, (string)figure["state"]!, (string)view["baseline"]!));
        var (baseline, width) = ((double)figure["baseline"]!["mean"]!, (double)figure["baseline"]!["high"]! - (double)figure["baseline"]!["low"]!);
        Assert.True(Math.Abs(baseline - 0.2) < width, figure.ToJsonString()); // 3.9 standard errors: ids, and so the draws, differ from run to run
        Assert.True((double)figure["policy"]!["mean"]! <= (double)figure["limit"]!, figure.ToJsonString());
        Assert.Equal(1, (double)figure["known"]!, 1e-12);
        var page = await viewer.GetStringAsync("/decision-points/offers/policy");
        Assert.Contains($"With the {(ranks ? "order" : "first candidate")} sent", page, StringComparison.Ordinal);

        var answers = (await DecideAsync(client, 800)).ToList();
        var acme = answers.Count(a => ((string)a["decision"]!).StartsWith("acme", StringComparison.Ordinal));
        Assert.True(acme < 100, $"{acme} of 200: without a guardrail it would be nearly all");
        Assert.Contains(answers, a => a["ranking"]!.AsArray().Count == 4);
    }

    private static async Task<IEnumerable<JsonNode>> DecideAsync(HttpClient client, int from)
    {
        var calls = Enumerable.Range(from, 200).Select(i => $$$"""{"decisionPoint":"offers","unit":"u{{{i}}}","context":{"country":"NL"},"candidates":[{{{BrandCandidates.Of(i)}}}]}""");
        return (await client.OkAsync("/v1/decisions/batch", $$"""{"items":[{{string.Join(',', calls)}}]}"""))["items"]!.AsArray().Select(i => i!["result"]!);
    }
}

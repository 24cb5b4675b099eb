using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Models;
using Looper.Core.Numerics;
using Looper.Core.Serving.Candidates;
using Looper.Testing;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Api;

public sealed class RankingApiTests(BannerApp banner) : IClassFixture<BannerApp>, IAsyncLifetime
{
    private const string Decisions = "/v1/decisions", Observations = "/v1/observations";
    private const string Four = """[{"id":"a","features":{"age":3}},{"id":"b","features":{"age":"4"}},{"id":"c"},{"id":"d"}]""";

    private static BlueprintContent Feed => new()
    {
        Shape = DecisionShape.Ranking,
        Positions = 2,
        Default = DecisionShapes.AsSent,
        Features = [new("likes", FeatureKind.Category)],
        CandidateFeatures = [new("topic", FeatureKind.Category), new("age", FeatureKind.Number)],
        Outcomes = [new("clicked", OutcomeKind.Boolean) { Aggregation = Aggregation.Any, Window = TimeSpan.FromMinutes(1) }, new("spent", OutcomeKind.Number)],
        Goal = new() { Terms = [new("clicked")] },
        Policy = new EpsilonGreedyPolicy(0.1),
        Training = new() { IsOn = false, SearchSeconds = 0 },
    };

    public async ValueTask InitializeAsync()
    {
        if (banner.App.Get<Looper.Core.Serving.DecisionEngine>().Current.Find("feed") is null) await banner.App.PublishAsync("feed", Feed);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task An_order_is_answered_with_a_propensity_for_each_place_that_is_shown()
    {
        var answer = await banner.Client.OkAsync(Decisions, Call(Four));
        var ranking = answer["ranking"]!.AsArray();
        Assert.Equal(["a", "b", "c", "d"], ranking.Select(r => r!["id"]!.GetValue<string>()).Order());
        Assert.Equal(answer["decision"]!.GetValue<string>(), ranking[0]!["id"]!.GetValue<string>());
        Assert.Equal([0.25, 1 / 3.0, null, null], ranking.Select(r => r!["propensity"]?.GetValue<double>())); // no model yet: drawn evenly, place by place
        Assert.Equal((0.25, "explore"), (answer["propensity"]!.GetValue<double>(), answer["reason"]!.GetValue<string>()));
        var record = (await banner.Events.FindDecisionAsync(Id(answer), default))!;
        var served = ServedCandidates.Read(record.Candidates)!;
        Assert.Equal(ranking.Select(r => r!["id"]!.GetValue<string>()), Enumerable.Range(0, 4).Select(place => served.IdText(served.At(place))));
        Assert.True(served.IsRanking);
    }

    [Fact]
    public async Task R7_a_repeated_call_gets_the_stored_order()
    {
        var first = await banner.Client.OkAsync(Decisions, Call(Four, "rank-1"));
        using var again = await banner.Client.SendAsync(Decisions, Call(Four, "rank-1"));
        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal(first.ToJsonString(), (await again.JsonAsync()).ToJsonString());
    }

    [Fact]
    public async Task An_outcome_names_its_candidate_and_the_same_call_twice_counts_once()
    {
        var id = Id(await banner.Client.OkAsync(Decisions, Call(Four)));
        var clicked = Observed(id, "b", """{"clicked":true,"spent":2.5}""");
        Assert.Equal(2, (await banner.Client.OkAsync(Observations, clicked))["accepted"]!.GetValue<int>());
        using var again = await banner.Client.SendAsync(Observations, clicked);
        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replayed").Single());
        await banner.Client.OkAsync(Observations, Observed(id, "c", """{"clicked":true}""")); // another candidate's is another
        await banner.Client.OkAsync(Observations, Observed(id, null, """{"clicked":true}""")); // as is the decision's own
        var stored = (await banner.Events.FindTrailAsync(id, default))!.Observations;
        Assert.Equal([("clicked", null), ("clicked", "b"), ("clicked", "c"), ("spent", "b")],
            stored.Select(o => (o.Outcome, o.Candidate)).OrderBy(o => o.Outcome).ThenBy(o => o.Candidate, StringComparer.Ordinal));
        var client = await banner.App.SignedInAsync(Role.Analyst);
        var detail = JsonNode.Parse(await client.GetStringAsync($"/api/decisions/{id}"))!;
        Assert.Equal(["joined"], detail["observations"]!.AsArray().Select(o => o!["joined"]!.GetValue<string>()).Distinct());
        Assert.Equal(3, detail["observations"]!.AsArray().Count(o => o!["candidate"] is not null));
        Assert.True(detail["isRanking"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_candidate_that_was_not_answered_is_refused_single_and_in_a_batch()
    {
        var ranked = Id(await banner.Client.OkAsync(Decisions, Call(Four)));
        var chosen = Id(await banner.Client.OkAsync(Decisions, """{"decisionPoint":"banner","unit":"u"}"""));
        foreach (var (id, candidate) in new[] { (ranked, "e"), (chosen, "none") })
        {
            using var refused = await banner.Client.SendAsync(Observations, Observed(id, candidate, """{"clicked":true}"""));
            var problem = await Problem.IsAsync(refused, HttpStatusCode.UnprocessableEntity, "candidate.unknown");
            Assert.Equal("candidate", problem["field"]!.GetValue<string>());
            Assert.Contains(id, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        }
        var batch = await banner.Client.OkAsync(Observations + "/batch",
            $$$"""{"items":[{{{Observed(ranked, "a", """{"clicked":true}""")}}},{{{Observed(ranked, "e", """{"clicked":true}""")}}},{"unit":"u","candidate":"a","outcomes":{"clicked":true}}]}""");
        Assert.Equal([202, 422, 422], batch["items"]!.AsArray().Select(i => i!["status"]!.GetValue<int>()));
        Assert.Equal("candidate", batch["items"]![2]!["problem"]!["field"]!.GetValue<string>());
        Assert.Single((await banner.Events.FindTrailAsync(ranked, default))!.Observations);
    }

    [Fact]
    public async Task One_that_came_before_its_decision_and_names_no_candidate_of_it_says_so()
    {
        await banner.Client.OkAsync(Observations, Observed("rank-late", "x", """{"clicked":true}"""));
        await banner.Client.OkAsync(Decisions, Call(Four, "rank-late"));
        var client = await banner.App.SignedInAsync(Role.Analyst);
        var detail = JsonNode.Parse(await client.GetStringAsync("/api/decisions/rank-late"))!;
        Assert.Equal("for the decision; no such candidate", detail["observations"]![0]!["joined"]!.GetValue<string>());
    }

    [Fact]
    public async Task Five_hundred_candidates_are_ranked_and_one_more_is_not()
    {
        static string List(int n) => "[" + string.Join(',', Enumerable.Range(0, n).Select(i => $$$"""{"id":"c{{{i}}}","features":{"age":{{{i}}}}}""")) + "]";
        Assert.Equal(500, (await banner.Client.OkAsync(Decisions, Call(List(500))))["ranking"]!.AsArray().Count);
        using var refused = await banner.Client.SendAsync(Decisions, Call(List(501)));
        Assert.Contains("501 candidates are more than 500", (await Problem.IsAsync(refused, HttpStatusCode.UnprocessableEntity, "request.invalid"))["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        using var none = await banner.Client.SendAsync(Decisions, Call(null));
        Assert.Equal("candidates", (await Problem.IsAsync(none, HttpStatusCode.UnprocessableEntity, "request.invalid"))["field"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_test_panel_shows_the_order_and_the_overview_the_places()
    {
        await banner.Client.OkAsync(Decisions, Call(Four));
        var client = await banner.App.SignedInAsync(Role.Engineer);
        var tried = await client.OkAsync("/api/decision-points/feed/test-decisions", $$"""{"unit":"u","candidates":{{Four}}}""");
        Assert.Equal([0.25, 1 / 3.0, null, null], tried["options"]!.AsArray().Select(o => o!["probability"]?.GetValue<double>()));
        using var valued = await client.GetAsync("/api/decision-points/feed/policy-value");
        Assert.Equal("policy-question.no-options", (await valued.JsonAsync())["code"]!.GetValue<string>());
    }

    [Fact] // whoever likes a topic clicks on it, and looks at the first place more than at the second
    public async Task What_is_clicked_moves_up_once_a_model_has_learned_from_it()
    {
        var clock = new TestClock();
        await using var app = new LooperApp(services: s => s.AddSingleton<TimeProvider>(clock));
        await app.PublishAsync("feed", Feed);
        using var client = await app.WithKeyAsync(KeyScopes.Decide | KeyScopes.Observe);
        var random = new Philox(8, "readers");
        for (var batch = 0; batch < 40; batch++)
        {
            var asked = string.Join(',', Enumerable.Range(batch * 25, 25).Select(i => Asked(i)));
            var decided = (await client.OkAsync(Decisions + "/batch", $$"""{"items":[{{asked}}]}"""))["items"]!.AsArray();
            var clicks = new List<string>();
            for (var i = 0; i < decided.Count; i++)
            {
                var answer = decided[i]!["result"]!;
                foreach (var (place, seen) in new[] { (0, 1.0), (1, 0.5) })
                {
                    var candidate = answer["ranking"]![place]!["id"]!.GetValue<string>();
                    if (random.Uniform() < seen * (candidate == Likes(batch * 25 + i) ? 0.8 : 0.1)) clicks.Add(Observed(Id(answer), candidate, """{"clicked":true}"""));
                }
            }
            await client.OkAsync(Observations + "/batch", $$"""{"items":[{{string.Join(',', clicks)}}]}""");
            clock.Turn(TimeSpan.FromMinutes(2));
        }
        using var engineer = await app.SignedInAsync(Role.Engineer);
        using var training = await engineer.SendAsync("/api/decision-points/feed/models", "{}");
        Assert.True(training.IsSuccessStatusCode, await training.Content.ReadAsStringAsync());
        await Eventually.IsTrueAsync(async () => (await app.Get<ModelQueries>().ListAsync(Caller.System, new(Key: "feed"), default)).Value!.Items is [{ State: ModelState.Live }]);
        await app.Get<SnapshotRefresher>().RefreshAsync(default);

        var first = 0;
        for (var i = 0; i < 60; i++)
        {
            var answer = await client.OkAsync(Decisions, Asked(10_000 + i));
            Assert.NotNull(answer["ranking"]![0]!["score"]);
            Assert.Equal(1, answer["modelVersion"]!.GetValue<int>());
            if (answer["decision"]!.GetValue<string>() == Likes(10_000 + i)) first++;
        }
        Assert.InRange(first, 45, 60); // 0.925 of the time by the policy; a fourth of the time before
    }

    [Fact]
    public async Task An_arm_with_another_number_of_places_does_not_start_and_everybody_is_still_answered()
    {
        await using var app = new LooperApp();
        await app.PublishAsync("feed", Feed with { Positions = 3 });
        await app.PublishAsync("feed", Feed);
        using var engineer = await app.SignedInAsync(Role.Engineer);
        var created = await engineer.OkAsync("/api/experiments", """{"decisionPoint":"feed","key":"places","name":"Places","plan":{"arms":[{"key":"now","weight":0.5},{"key":"then","weight":0.5,"blueprintVersion":1}]}}""");
        using var refused = await engineer.SendAsync($"/api/experiments/{created["id"]}/start", """{"reason":"agreed"}""");
        Assert.Equal("arms[1].blueprintVersion", (string?)(await Problem.IsAsync(refused, HttpStatusCode.UnprocessableEntity, "experiment.invalid"))["field"]);
        await app.Get<SnapshotRefresher>().RefreshAsync(default);
        using var client = await app.WithKeyAsync();
        Assert.Equal("explore", (string?)(await client.OkAsync(Decisions, Call(Four)))["reason"]);
    }

    private static readonly string[] s_topics = ["art", "bikes", "cars", "dogs"];

    private static string Likes(int reader) => s_topics[reader / 3 % 4];

    private static string Asked(int reader) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"decisionPoint":"feed","unit":"u{{reader}}","context":{"likes":"{{Likes(reader)}}"},"candidates":[{{string.Join(',', s_topics.Select(t => $$$"""{"id":"{{{t}}}","features":{"topic":"{{{t}}}"}}"""))}}]}""");

    private static string Id(JsonNode answer) => answer["decisionId"]!.GetValue<string>();

    private static string Observed(string decision, string? candidate, string outcomes) =>
        $$"""{"decisionId":"{{decision}}",{{(candidate is null ? "" : $"\"candidate\":\"{candidate}\",")}}"outcomes":{{outcomes}}}""";

    private static string Call(string? candidates, string? id = null) =>
        $$$"""{"decisionPoint":"feed","unit":"user-42"{{{(id is null ? "" : $",\"decisionId\":\"{id}\"")}}},"context":{"likes":"art"}{{{(candidates is null ? "" : $",\"candidates\":{candidates}")}}}}""";
}

using System.Net;
using System.Text.Json.Nodes;
using Looper.Core.Blueprints;
using Looper.Core.Serving.Candidates;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api;

public sealed class PickApiTests(BannerApp banner) : IClassFixture<BannerApp>, IAsyncLifetime
{
    private const string Route = "/v1/decisions";

    private static BlueprintContent Offers => new()
    {
        Shape = DecisionShape.Pick,
        Default = DecisionShapes.AsSent,
        Features = [new("country", FeatureKind.Category)],
        CandidateFeatures = [new("price", FeatureKind.Number)],
        Outcomes = [new("purchase", OutcomeKind.Boolean)],
        Goal = new() { Terms = [new("purchase")] },
        Policy = new EpsilonGreedyPolicy(0.1),
    };

    public async ValueTask InitializeAsync()
    {
        if (banner.App.Get<Looper.Core.Serving.DecisionEngine>().Current.Find("offers") is null) await banner.App.PublishAsync("offers", Offers);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory, InlineData(13, true), InlineData(14, false)]
    public async Task A_candidate_may_be_nested_as_deeply_in_a_batch_as_in_a_single_call(int levels, bool may)
    {
        var nested = string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels);
        var call = Call($$"""[{"id":"a","features":{{nested}}}]""");
        using var single = await banner.Client.SendAsync(Route, call);
        var batch = await banner.Client.OkAsync(Route + "/batch", $$"""{"before":1,"items":[{{call}}]}"""); // what comes first has each item read where it stands
        var expected = may ? 200 : 422;
        Assert.Equal((expected, expected), ((int)single.StatusCode, batch["items"]![0]!["status"]!.GetValue<int>()));
    }

    [Fact]
    public async Task One_of_the_candidates_is_picked_and_all_are_logged_as_served()
    {
        var answer = await banner.Client.OkAsync(Route, Call("""[{"id":"a","features":{"price":3}},{"id":"b","features":{"price":"4"}},{"id":"c","features":{"price":[]}},{"id":"d"}]"""));
        var ranking = answer["ranking"]!.AsArray();
        Assert.Equal(answer["decision"]!.GetValue<string>(), ranking[0]!["id"]!.GetValue<string>());
        Assert.Equal(["a", "b", "c", "d"], ranking.Select(r => r!["id"]!.GetValue<string>()).Order());
        Assert.Equal((0.25, "explore"), (answer["propensity"]!.GetValue<double>(), answer["reason"]!.GetValue<string>())); // no model yet: drawn evenly
        Assert.All(ranking, r => Assert.Equal((0.25, true), (r!["propensity"]!.GetValue<double>(), r["score"] is null)));
        var record = (await banner.Events.FindDecisionAsync(answer["decisionId"]!.GetValue<string>(), default))!;
        var served = ServedCandidates.Read(record.Candidates)!;
        Assert.Equal(answer["decision"]!.GetValue<string>(), served.IdText(record.Option));
        Assert.Equal([2, 2, 1, 1], Enumerable.Range(0, 4).Select(i => served.Row(i).Length)); // two numbers, an invalid value, a missing one
    }

    [Fact]
    public async Task R7_a_repeated_call_gets_the_stored_answer_and_a_changed_candidate_is_a_conflict()
    {
        const string candidates = """[{"id":"a","features":{"price":3}},{"id":"b"}]""";
        var first = await banner.Client.OkAsync(Route, Call(candidates, "pick-1"));
        using var again = await banner.Client.SendAsync(Route, Call(""" [ {"features":{"price":3.0},"id":"a"}, {"id":"b"} ] """, "pick-1"));
        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal(first.ToJsonString(), (await again.JsonAsync()).ToJsonString());
        using var changed = await banner.Client.SendAsync(Route, Call("""[{"id":"a","features":{"price":4}},{"id":"b"}]""", "pick-1"));
        await Problem.IsAsync(changed, HttpStatusCode.Conflict, "idempotency.conflict");
    }

    [Theory]
    [InlineData(null, "candidates")]
    [InlineData("null", "candidates")]
    [InlineData("[]", "candidates")]
    [InlineData("{}", "candidates")]
    [InlineData("\"a\"", "candidates")]
    [InlineData("[1]", "candidates[0]")]
    [InlineData("""[{"id":"a"},{"features":{}}]""", "candidates[1].id")]
    [InlineData("""[{"id":7}]""", "candidates[0].id")]
    [InlineData("""[{"id":""}]""", "candidates[0].id")]
    [InlineData("""[{"id":"a"},{"id":"b"},{"id":"\u0061"}]""", "candidates[2].id")]
    public async Task A_list_that_cannot_be_used_is_refused_with_its_field(string? candidates, string field)
    {
        using var refused = await banner.Client.SendAsync(Route, Call(candidates));
        var problem = await Problem.IsAsync(refused, HttpStatusCode.UnprocessableEntity, "request.invalid");
        Assert.Equal(field, problem["field"]!.GetValue<string>());
    }

    [Fact]
    public async Task Five_hundred_candidates_are_taken_and_one_more_is_not()
    {
        static string List(int n) => "[" + string.Join(',', Enumerable.Range(0, n).Select(i => $$$"""{"id":"c{{{i}}}","features":{"price":{{{i}}},"title":"{{{new string('x', 900)}}}"}}""")) + "]";
        var answer = await banner.Client.OkAsync(Route, Call(List(500)));
        Assert.Equal(500, answer["ranking"]!.AsArray().Count);
        using var refused = await banner.Client.SendAsync(Route, Call(List(501)));
        var problem = await Problem.IsAsync(refused, HttpStatusCode.UnprocessableEntity, "request.invalid");
        Assert.Contains("501 candidates are more than 500", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_candidates_are_taken_they_are_an_unknown_field()
    {
        var answer = await banner.Client.OkAsync(Route, """{"decisionPoint":"banner","unit":"u","candidates":"none of your business"}""");
        Assert.Null(answer["ranking"]);
    }

    [Fact]
    public async Task In_a_batch_one_bad_list_costs_only_itself()
    {
        var answer = await banner.Client.OkAsync("/v1/decisions/batch", $$"""{"items":[{{Call("""[{"id":"a"}]""")}},{{Call("""[{"id":"a"},{"id":"a"}]""")}}]}""");
        Assert.Equal([200, 422], answer["items"]!.AsArray().Select(i => i!["status"]!.GetValue<int>()));
        Assert.Equal(1.0, answer["items"]![0]!["result"]!["propensity"]!.GetValue<double>());
    }

    [Fact]
    public async Task An_outcome_is_joined_to_the_pick()
    {
        var answer = await banner.Client.OkAsync(Route, Call("""[{"id":"a"},{"id":"b"}]"""));
        await banner.Client.OkAsync("/v1/observations", $$$"""{"decisionId":"{{{answer["decisionId"]}}}","outcomes":{"purchase":true}}""");
        var trail = await banner.Events.FindTrailAsync(answer["decisionId"]!.GetValue<string>(), default);
        Assert.Equal("purchase", trail!.Observations.Single().Outcome);
    }

    [Fact]
    public async Task The_test_panel_shows_every_candidate_and_logs_nothing()
    {
        var client = await banner.App.SignedInAsync(Looper.Core.Access.Role.Engineer);
        var tried = await client.OkAsync("/api/decision-points/offers/test-decisions", """{"unit":"u","candidates":[{"id":"a"},{"id":"b"}]}""");
        Assert.Equal(["a", "b"], tried["options"]!.AsArray().Select(o => o!["key"]!.GetValue<string>()).Order());
        using var refused = await client.SendAsync("/api/decision-points/offers/test-decisions", """{"unit":"u"}""");
        Assert.Equal("candidates", JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["field"]?.GetValue<string>());
        using var half = await client.SendAsync("/api/decision-points/offers/test-decisions", """{"unit":"u","candidates":[{"id":"\ud83d"}]}""");
        var problem = await Problem.IsAsync(half, HttpStatusCode.UnprocessableEntity, "request.invalid");
        Assert.Equal(("candidates", "candidates: a text in it holds half of a surrogate pair. Send whole characters."), ((string?)problem["field"], (string?)problem["detail"]));
    }

    private static string Call(string? candidates, string? id = null) =>
        $$$"""{"decisionPoint":"offers","unit":"user-42"{{{(id is null ? "" : $",\"decisionId\":\"{id}\"")}}},"context":{"country":"NL"}{{{(candidates is null ? "" : $",\"candidates\":{candidates}")}}}}""";
}

using System.Net;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Serving.Candidates;

namespace Looper.Web.Tests.Api.Personalizer;

public sealed class PersonalizerRankTests(PersonalizerApp looper) : IClassFixture<PersonalizerApp>
{
    private const string Route = "/personalizer/v1.0/rank", Invalid = "InvalidRankRequest";

    [Fact]
    public async Task A_rank_call_is_answered_as_documented_and_an_excluded_action_keeps_its_place()
    {
        using var answered = await looper.Client.SendAsync(Route, """
            {"contextFeatures":[{"timeOfDay":"Morning"}],
             "actions":[{"id":"news","features":[{"type":"News"}]},{"id":"sports","features":[{"type":"Sports"}]},{"id":"shows","features":[{"type":"Shows"}]}],
             "excludedActions":["sports"],"eventId":"golden-1","deferActivation":false}
            """);
        Assert.Equal((HttpStatusCode.Created, "application/json"), (answered.StatusCode, answered.Content.Headers.ContentType?.MediaType));
        var answer = await answered.JsonAsync();
        var chosen = (string)answer["rewardActionId"]!;
        var other = chosen == "news" ? "shows" : "news";
        Assert.Equal(
            $$"""{"ranking":[{"id":"{{chosen}}","probability":0.5},{"id":"sports","probability":0},{"id":"{{other}}","probability":0.5}],"eventId":"golden-1","rewardActionId":"{{chosen}}"}""", answer.ToJsonString());
    }

    [Fact]
    public async Task It_is_the_decision_that_v1_would_have_made_and_logged()
    {
        await looper.Everywhere.OkAsync("/personalizer/offers/personalizer/v1.0/rank", """
            {"contextFeatures":[{"timeOfDay":"Morning"},{},{"device":{"os":"ios"},"visits":4}],"eventId":"parity",
             "actions":[{"id":"a","features":[{"type":"News"},{"price":{"eur":3}}]},{"id":"b"},{"id":"c","features":[]}]}
            """);
        using var v1 = await looper.App.WithKeyAsync();
        await v1.OkAsync("/v1/decisions", """
            {"decisionPoint":"offers","unit":"parity","decisionId":"twin","context":{"timeOfDay":"Morning","device":{"os":"ios"},"visits":4},
             "candidates":[{"id":"a","features":{"type":"News","price.eur":3}},{"id":"b"},{"id":"c"}]}
            """);
        var (ranked, twin) = ((await looper.Events.FindDecisionAsync("offers:parity", default))!, (await looper.Events.FindDecisionAsync("twin", default))!);
        Assert.Equal((twin.Unit, twin.DecisionPointId, twin.Reason, twin.Propensity), (ranked.Unit, ranked.DecisionPointId, ranked.Reason, ranked.Propensity));
        Assert.Equal(twin.Served.ToArray(), ranked.Served.ToArray());
        var (sent, expected) = (ServedCandidates.Read(ranked.Candidates)!, ServedCandidates.Read(twin.Candidates)!);
        Assert.Equal(["a", "b", "c"], Enumerable.Range(0, 3).Select(sent.IdText));
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(expected.Row(i).ToArray(), sent.Row(i).ToArray()));
        Assert.Contains((byte)'N', sent.Row(0).ToArray()); // of News: they were not equal for having nothing
    }

    [Fact]
    public async Task What_is_sent_twice_is_decided_once_and_what_changed_meanwhile_is_a_conflict()
    {
        const string call = """{"actions":[{"id":"a"},{"id":"b"},{"id":"c"}],"eventId":"twice"}""";
        using var first = await looper.Client.SendAsync(Route, call);
        using var again = await looper.Client.SendAsync(Route, call);
        Assert.Equal((HttpStatusCode.Created, "true"), (again.StatusCode, again.Headers.GetValues("Idempotent-Replayed").Single()));
        Assert.Equal((await first.JsonAsync()).ToJsonString(), (await again.JsonAsync()).ToJsonString());
        using var changed = await looper.Client.SendAsync(Route, call.Replace("\"c\"", "\"d\"", StringComparison.Ordinal));
        var error = await PersonalizerApp.ErrorAsync(changed, HttpStatusCode.Conflict, "OperationNotAllowed", "idempotency.conflict");
        Assert.StartsWith("'twice' was used before", (string)error["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_event_id_at_two_decision_points_is_two_decisions()
    {
        const string call = """{"actions":[{"id":"a"},{"id":"b"}],"eventId":"shared"}""";
        await looper.Everywhere.OkAsync("/personalizer/offers/personalizer/v1.0/rank", call);
        await looper.Everywhere.OkAsync("/personalizer/clicks/personalizer/v1.0/rank", call.Replace("\"b\"", "\"z\"", StringComparison.Ordinal));
        Assert.NotNull(await looper.Events.FindDecisionAsync("offers:shared", default));
        Assert.NotNull(await looper.Events.FindDecisionAsync("clicks:shared", default));
    }

    [Fact]
    public async Task Without_an_event_id_one_is_made_and_a_reward_finds_it()
    {
        var answer = await looper.Client.OkAsync(Route, """{"actions":[{"id":"a"}],"eventId":null,"contextFeatures":null,"excludedActions":null}""");
        var id = (string)answer["eventId"]!;
        Assert.True(Guid.TryParse(id, out _));
        Assert.Equal(id, (await looper.Events.FindDecisionAsync($"offers:{id}", default))!.Unit);
    }

    [Theory]
    [InlineData("[{\"userId\":\"user-42\"}]", "user-42")]
    [InlineData("[{\"timeOfDay\":\"Morning\",\"userId\":42}]", "42")]
    [InlineData("[{\"userId\":\"first\"},{\"userId\":\"second\"}]", "second")]
    [InlineData("[{\"user\":{\"userId\":\"nested\"}}]", null)]
    [InlineData("[{\"userId\":\"\"}]", null)]
    [InlineData("[{\"userId\":null}]", null)]
    public async Task The_unit_is_the_user_the_context_names_and_else_the_event(string context, string? unit)
    {
        var id = "unit" + context.Length + unit;
        await looper.Client.OkAsync(Route, $$"""{"contextFeatures":{{context}},"actions":[{"id":"a"}],"eventId":"{{id}}"}""");
        Assert.Equal(unit ?? id, (await looper.Events.FindDecisionAsync($"offers:{id}", default))!.Unit);
    }

    [Fact]
    public async Task Probabilities_are_those_of_the_draw()
    {
        var answer = await looper.Everywhere.OkAsync("/personalizer/as-sent/personalizer/v1.0/rank", """{"actions":[{"id":"x"},{"id":"a"},{"id":"b"}],"excludedActions":["x","of-no-action"]}""");
        Assert.Equal("a", (string)answer["rewardActionId"]!);
        Assert.Equal([("x", 0.0), ("a", 1.0), ("b", 0.0)], answer["ranking"]!.AsArray().Select(r => ((string)r!["id"]!, (double)r["probability"]!)));
    }

    [Fact]
    public async Task Fixed_options_are_actions_too_and_only_the_chance_of_the_chosen_one_is_told()
    {
        const string call = """{"contextFeatures":[{"country":"NL"}],"actions":[{"id":"free-shipping"},{"id":"none"},{"id":"ten-percent","features":[{"unused":1}]}],"eventId":"fixed"}""";
        var answer = await looper.Everywhere.OkAsync("/personalizer/banner/personalizer/v1.0/rank", call);
        var ranking = answer["ranking"]!.AsArray();
        Assert.Equal((string)answer["rewardActionId"]!, (string)ranking[0]!["id"]!);
        Assert.Equal(["free-shipping", "none", "ten-percent"], ranking.Select(r => (string)r!["id"]!).Order());
        Assert.Equal([1 / 3.0, null, null], ranking.Select(r => (double?)r!["probability"]));
        Assert.Equal(answer.ToJsonString(), (await looper.Everywhere.OkAsync("/personalizer/banner/personalizer/v1.0/rank", call)).ToJsonString());
    }

    [Fact]
    public async Task What_is_sent_again_after_fixed_options_changed_is_answered_as_it_was()
    {
        const string at = "/personalizer/fixed/personalizer/v1.0/rank";
        const string then = """{"actions":[{"id":"none"},{"id":"ten-percent"},{"id":"free-shipping"}],"eventId":"again"}""";
        var now = then.Replace("free-shipping", "half-price", StringComparison.Ordinal);
        await looper.App.PublishAsync("fixed", ServedApp.Banner with { Policy = new FixedPolicy("free-shipping") });
        var first = await looper.Everywhere.OkAsync(at, then);
        await looper.App.PublishAsync("fixed", ServedApp.Banner with { Options = [new("none"), new("ten-percent"), new("half-price")], Policy = new FixedPolicy("half-price") });

        using var again = await looper.Everywhere.SendAsync(at, then);
        Assert.Equal((HttpStatusCode.Created, true), (again.StatusCode, again.Headers.Contains("Idempotent-Replayed")));
        Assert.Equal(first.ToJsonString(), (await again.JsonAsync()).ToJsonString());
        using var others = await looper.Everywhere.SendAsync(at, now);
        var error = await PersonalizerApp.ErrorAsync(others, HttpStatusCode.Conflict, "OperationNotAllowed", "idempotency.conflict");
        Assert.Contains("'again' was decided before as 'free-shipping', which is not among these actions", (string)error["message"]!, StringComparison.Ordinal);
        using var excluded = await looper.Everywhere.SendAsync(at, then.Replace("\"eventId\"", "\"excludedActions\":[\"free-shipping\"],\"eventId\"", StringComparison.Ordinal));
        await PersonalizerApp.ErrorAsync(excluded, HttpStatusCode.Conflict, "OperationNotAllowed", "idempotency.conflict");

        using var anew = await looper.Everywhere.SendAsync(at, then.Replace("again", "new", StringComparison.Ordinal));
        await PersonalizerApp.ErrorAsync(anew, HttpStatusCode.BadRequest, Invalid, "request.invalid");
        Assert.Null(await looper.Events.FindDecisionAsync("fixed:new", default));
        Assert.Equal("half-price", (string)(await looper.Everywhere.OkAsync(at, now.Replace("again", "new", StringComparison.Ordinal)))["rewardActionId"]!);
    }

    [Theory]
    [InlineData("banner", """{"actions":[{"id":"none"},{"id":"free-shipping"}]}""", "actions", "request.invalid", "Send exactly none, ten-percent, free-shipping")]
    [InlineData("banner", """{"actions":[{"id":"none"},{"id":"free-shipping"},{"id":"other"}]}""", "actions", "request.invalid", "fixed options")]
    [InlineData("banner", """{"actions":[{"id":"none"},{"id":"free-shipping"},{"id":"ten-percent"}],"excludedActions":["none"]}""", "actions", "request.invalid", "exclude none")]
    [InlineData("feed", """{"actions":[{"id":"a"}]}""", null, "decision-point.shape", "'feed' neither picks from a list nor has fixed options")]
    [InlineData("offers", "[]", null, "request.invalid", "A rank call is an object")]
    [InlineData("offers", "{\"actions\":[{\"id\":\"a\"}]", null, "request.malformed", "it breaks off")]
    [InlineData("offers", "", null, "request.malformed", "it breaks off")]
    [InlineData("offers", "{}", "actions", "request.invalid", "this is missing")]
    [InlineData("offers", """{"actions":[]}""", "actions", "request.invalid", "this is missing")]
    [InlineData("offers", """{"actions":{}}""", "actions", "request.invalid", "this must be an array")]
    [InlineData("offers", """{"actions":[7]}""", "actions[0]", "request.invalid", "this must be an object")]
    [InlineData("offers", """{"actions":[{"id":"a"},{"features":[]}]}""", "actions[1].id", "request.invalid", "this is missing")]
    [InlineData("offers", """{"actions":[{"id":"a"},{"id":"\u0061"}]}""", "actions[1].id", "request.invalid", "is the id of actions[0] too")]
    [InlineData("offers", """{"actions":[{"id":"a","features":{"type":"News"}}]}""", "actions[0].features", "request.invalid", "this must be an array of objects")]
    [InlineData("offers", """{"actions":[{"id":"a","features":[{},"News"]}]}""", "actions[0].features[1]", "request.invalid", "this must be an object")]
    [InlineData("offers", """{"actions":[{"id":"a"}],"contextFeatures":{"timeOfDay":"Morning"}}""", "contextFeatures", "request.invalid", "this must be an array of objects")]
    [InlineData("offers", """{"actions":[{"id":"a"}],"contextFeatures":[{"userId":{"a":1}}]}""", "contextFeatures.userId", "request.invalid", "a text or a number")]
    [InlineData("offers", """{"actions":[{"id":"a"}],"excludedActions":"a"}""", "excludedActions", "request.invalid", "this must be an array")]
    [InlineData("offers", """{"actions":[{"id":"a"}],"excludedActions":[1]}""", "excludedActions[0]", "request.invalid", "a text")]
    [InlineData("offers", """{"actions":[{"id":"a"}],"excludedActions":["a"]}""", "excludedActions", "request.invalid", "every action is excluded")]
    [InlineData("offers", """{"actions":[{"id":"a"}],"eventId":7}""", "eventId", "request.invalid", "this must be a text")]
    [InlineData("offers", """{"actions":[{"id":"a"}],"eventId":""}""", "eventId", "request.invalid", "this is empty")]
    [InlineData("offers", """{"actions":[{"id":"a"}],"deferActivation":"no"}""", "deferActivation", "request.invalid", "true or false")]
    public async Task What_cannot_be_ranked_is_refused_with_its_field_and_what_helps(string point, string body, string? field, string code, string says)
    {
        using var refused = await looper.Everywhere.SendAsync($"/personalizer/{point}/personalizer/v1.0/rank", body);
        var error = await PersonalizerApp.ErrorAsync(refused, HttpStatusCode.BadRequest, Invalid, code);
        Assert.Equal(field, (string?)error["target"]);
        Assert.Contains(says, (string)error["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decision_point_that_cannot_be_read_says_so()
    {
        using var rank = await looper.Everywhere.SendAsync("/personalizer/broken/personalizer/v1.0/rank", """{"actions":[{"id":"a"}]}""");
        await PersonalizerApp.ErrorAsync(rank, HttpStatusCode.ServiceUnavailable, "503", "decision-point.unavailable");
        using var reward = await looper.Everywhere.SendAsync("/personalizer/broken/personalizer/v1.0/events/e/reward", """{"value":1}""");
        await PersonalizerApp.ErrorAsync(reward, HttpStatusCode.ServiceUnavailable, "503", "decision-point.unavailable");
        Assert.Equal("30", reward.Headers.GetValues("Retry-After").Single());
    }

    [Fact]
    public async Task A_deferred_event_is_refused_and_not_logged_as_shown()
    {
        using var refused = await looper.Client.SendAsync(Route, """{"actions":[{"id":"a"}],"eventId":"deferred","deferActivation":true}""");
        var error = await PersonalizerApp.ErrorAsync(refused, HttpStatusCode.BadRequest, Invalid, "request.invalid");
        Assert.Equal("deferActivation", (string?)error["target"]);
        Assert.Null(await looper.Events.FindDecisionAsync("offers:deferred", default));
    }

    [Fact]
    public async Task Five_hundred_actions_and_long_ids_of_events_are_taken_and_no_more()
    {
        static string Call(int actions, int id) => $$"""{"actions":[{{string.Join(',', Enumerable.Range(0, actions).Select(i => $$"""{"id":"{{i}}"}"""))}}],"eventId":"{{new string('e', id)}}"}""";
        var answer = await looper.Client.OkAsync(Route, Call(500, 256));
        Assert.Equal((500, new string('e', 256)), (answer["ranking"]!.AsArray().Count, (string)answer["eventId"]!));
        using var many = await looper.Client.SendAsync(Route, Call(501, 1));
        Assert.Equal("actions", (string?)(await PersonalizerApp.ErrorAsync(many, HttpStatusCode.BadRequest, Invalid, "request.invalid"))["target"]);
        using var longer = await looper.Client.SendAsync(Route, Call(1, 257));
        Assert.Equal("eventId", (string?)(await PersonalizerApp.ErrorAsync(longer, HttpStatusCode.BadRequest, Invalid, "request.invalid"))["target"]);
        using var large = await looper.Client.SendAsync(Route, $$"""{"actions":[{"id":"a"}],"pad":"{{new string('x', 600_000)}}"}""");
        await PersonalizerApp.ErrorAsync(large, HttpStatusCode.RequestEntityTooLarge, "PayloadSizeExceeded", "request.too-large");
    }

    [Theory, InlineData(12, true), InlineData(13, true), InlineData(14, false)]
    public async Task Features_may_be_nested_as_deeply_as_in_v1(int levels, bool may)
    {
        var nested = string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels);
        using var ranked = await looper.Client.SendAsync(Route, $$"""{"actions":[{"id":"a","features":[{{nested}}]}]}""");
        using var decided = await looper.App.WithKeyAsync(KeyScopes.Decide);
        using var twin = await decided.SendAsync("/v1/decisions", $$"""{"decisionPoint":"offers","unit":"u","candidates":[{"id":"a","features":{{nested}}}]}""");
        Assert.Equal((may, may), (ranked.StatusCode == HttpStatusCode.Created, twin.StatusCode == HttpStatusCode.OK));
    }
}

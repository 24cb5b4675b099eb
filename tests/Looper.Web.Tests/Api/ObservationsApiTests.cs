using System.Net;
using Looper.Core.Access;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api;

public sealed class ObservationsApiTests(BannerApp banner) : IClassFixture<BannerApp>
{
    private const string Route = "/v1/observations";

    [Fact]
    public async Task Outcomes_are_stored_one_by_one_before_or_after_their_decision()
    {
        var answer = await banner.Client.OkAsync(Route, """{"decisionId":"not-yet","outcomes":{"purchase":true,"revenue":-2.5,"clicks":3,"seconds":1.5},"time":"2026-02-03T04:05:06+01:00"}""");
        Assert.Equal(4, answer["accepted"]!.GetValue<int>());
        var stored = (await banner.Events.ObservationsAsync(new() { DecisionId = "not-yet" }, null, 10, default)).Items;
        Assert.Equal([("clicks", 3), ("purchase", 1), ("revenue", -2.5), ("seconds", 1.5)], stored.OrderBy(o => o.Outcome, StringComparer.Ordinal).Select(o => (o.Outcome, o.Value)));
        Assert.All(stored, o => Assert.Equal(new DateTimeOffset(2026, 2, 3, 3, 5, 6, TimeSpan.Zero), o.Time));
    }

    [Fact]
    public async Task R10_a_time_in_the_future_is_not_believed()
    {
        await banner.Client.OkAsync(Route, """{"unit":"early","outcomes":{"purchase":1},"time":"2099-01-01T00:00:00Z"}""");
        var stored = Assert.Single((await banner.Events.ObservationsAsync(new() { Unit = "early" }, null, 10, default)).Items);
        Assert.Equal(stored.ReceivedAt, stored.Time);
    }

    [Theory]
    [InlineData("{", 400, "request.malformed", null)]
    [InlineData("[]", 422, "request.invalid", null)]
    [InlineData("""{"outcomes":{"purchase":1}}""", 422, "request.invalid", "decisionId")]
    [InlineData("""{"decisionId":"d","unit":"u","outcomes":{"purchase":1}}""", 422, "request.invalid", "decisionId")]
    [InlineData("""{"decisionId":"d"}""", 422, "request.invalid", "outcomes")]
    [InlineData("""{"decisionId":"d","outcomes":{}}""", 422, "request.invalid", "outcomes")]
    [InlineData("""{"decisionId":"d","outcomes":[1]}""", 422, "request.invalid", "outcomes")]
    [InlineData("""{"decisionId":"d","outcomes":{"purchse":1}}""", 422, "outcome.unknown", "outcomes.purchse")]
    [InlineData("""{"decisionId":"d","outcomes":{"purchase":2}}""", 422, "request.invalid", "outcomes.purchase")]
    [InlineData("""{"decisionId":"d","outcomes":{"purchase":"yes"}}""", 422, "request.invalid", "outcomes.purchase")]
    [InlineData("""{"decisionId":"d","outcomes":{"purchase":null}}""", 422, "request.invalid", "outcomes.purchase")]
    [InlineData("""{"decisionId":"d","outcomes":{"revenue":true}}""", 422, "request.invalid", "outcomes.revenue")]
    [InlineData("""{"decisionId":"d","outcomes":{"revenue":1e400}}""", 422, "request.invalid", "outcomes.revenue")]
    [InlineData("""{"decisionId":"d","outcomes":{"revenue":-1e51}}""", 422, "request.invalid", "outcomes.revenue")]
    [InlineData("""{"decisionId":"d","outcomes":{"clicks":1.5}}""", 422, "request.invalid", "outcomes.clicks")]
    [InlineData("""{"decisionId":"d","outcomes":{"clicks":-1}}""", 422, "request.invalid", "outcomes.clicks")]
    [InlineData("""{"decisionId":"d","outcomes":{"seconds":-0.1}}""", 422, "request.invalid", "outcomes.seconds")]
    [InlineData("""{"decisionId":"d","outcomes":{"purchase":1},"time":"yesterday"}""", 422, "request.invalid", "time")]
    [InlineData("""{"decisionId":"d","outcomes":{"purchase":1},"time":"2026-01-01T00:00:00"}""", 422, "request.invalid", "time")]
    [InlineData("""{"decisionId":"d","outcomes":{"purchase":1},"time":5}""", 422, "request.invalid", "time")]
    [InlineData("""{"decisionId":"","outcomes":{"purchase":1}}""", 422, "request.invalid", "decisionId")]
    public async Task What_cannot_be_understood_is_refused_with_its_field(string body, int status, string code, string? field)
    {
        var problem = await Problem.IsAsync(await banner.Client.SendAsync(Route, body), (HttpStatusCode)status, code);
        Assert.Equal(field, problem["field"]?.GetValue<string>());
        if (code == "outcome.unknown") Assert.Contains("Did you mean 'purchase'?", problem["detail"]!.GetValue<string>());
        Assert.Empty((await banner.Events.ObservationsAsync(new() { DecisionId = "d" }, null, 10, default)).Items);
    }

    [Fact]
    public async Task What_an_unknown_outcome_may_mean_is_sought_once_for_all_items_that_name_it()
    {
        Assert.True(banner.App.Get<ApiKeyRing>().TryFind(await banner.App.KeyAsync(KeyScopes.Observe), out var grant));
        var outcomes = new Looper.Web.Api.ReportableOutcomes(banner.App.Get<Core.Serving.DecisionEngine>().Current.Outcomes, grant);
        Assert.Same(outcomes.Unknown("purchse"), outcomes.Unknown("purchse"));
        Assert.Equal(["outcomes.purchse", "outcomes.revenu"], new[] { "purchse", "revenu" }.Select(n => outcomes.Unknown(n).Field));
    }

    [Theory, InlineData("clicks", "1e51"), InlineData("seconds", "1e51"), InlineData("revenue", "-1e51")]
    public async Task A_value_beyond_the_bound_is_refused_with_the_bound(string outcome, string value)
    {
        var problem = await Problem.IsAsync(await banner.Client.SendAsync(Route, $$"""{"decisionId":"d","outcomes":{"{{outcome}}":{{value}} } }"""), HttpStatusCode.UnprocessableEntity, "request.invalid");
        Assert.Contains("1e50", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task S2_a_limited_key_reports_on_no_decision_of_another_point_single_or_in_a_batch()
    {
        var app = banner.App;
        var mine = await app.PublishAsync("own", ServedApp.Banner);
        var client = await app.WithKeyAsync(KeyScopes.Decide | KeyScopes.Observe, mine);
        await banner.Client.OkAsync("/v1/decisions", """{"decisionPoint":"banner","unit":"u","decisionId":"foreign-1"}""");
        await client.OkAsync("/v1/decisions", """{"decisionPoint":"own","unit":"u","decisionId":"own-1"}""");
        const string foreign = """{"decisionId":"foreign-1","outcomes":{"purchase":1,"clicks":2}}""";
        var problem = await Problem.IsAsync(await client.SendAsync(Route, foreign), HttpStatusCode.NotFound, "decision.unknown");
        Assert.Equal("decisionId", problem["field"]!.GetValue<string>());
        var batch = await client.OkAsync(Route + "/batch", $$"""{"items":[{{foreign}},{"decisionId":"own-1","outcomes":{"purchase":1} }]}""");
        Assert.Equal((404, "decision.unknown"), (batch["items"]![0]!["status"]!.GetValue<int>(), batch["items"]![0]!["problem"]!["code"]!.GetValue<string>()));
        Assert.Equal(202, batch["items"]![1]!["status"]!.GetValue<int>());
        Assert.Empty((await banner.Events.ObservationsAsync(new() { DecisionId = "foreign-1" }, null, 10, default)).Items);
        await banner.Client.OkAsync(Route, foreign); // a key without limits may
    }

    [Fact]
    public async Task S2_a_limited_key_reports_on_no_decision_that_is_not_there_yet()
    {
        var app = banner.App;
        var client = await app.WithKeyAsync(KeyScopes.Observe, await app.PublishAsync("early", ServedApp.Banner));
        const string early = """{"decisionId":"comes-later","outcomes":{"purchase":1}}""";
        var problem = await Problem.IsAsync(await client.SendAsync(Route, early), HttpStatusCode.NotFound, "decision.unknown");
        Assert.Equal("decisionId", problem["field"]!.GetValue<string>());
        var batch = await client.OkAsync(Route + "/batch", $$"""{"items":[{{early}},{"unit":"u-early","outcomes":{"clicks":1},"time":5}]}""");
        Assert.Equal([404, 422], batch["items"]!.AsArray().Select(i => i!["status"]!.GetValue<int>()));
        await banner.Client.OkAsync("/v1/decisions", """{"decisionPoint":"banner","unit":"u","decisionId":"comes-later"}""");
        Assert.Empty((await banner.Events.FindTrailAsync("comes-later", default))!.Observations);
    }

    [Fact] // one of a unit counts wherever the unit was decided for
    public async Task S2_a_limited_key_reports_of_a_unit_only_what_no_other_point_has_too()
    {
        await using var app = new LooperApp();
        var mine = await app.PublishAsync("mine", ServedApp.Banner);
        var theirs = await app.PublishAsync("theirs", ServedApp.Banner with { Outcomes = [new("purchase", Core.Blueprints.OutcomeKind.Boolean)] });
        var (client, both) = (await app.WithKeyAsync(KeyScopes.Decide | KeyScopes.Observe, mine), await app.WithKeyAsync(KeyScopes.Observe, mine, theirs));
        const string shared = """{"outcomes":{"revenue":5,"purchase":1},"unit":"u"}""";
        var problem = await Problem.IsAsync(await client.SendAsync(Route, shared), HttpStatusCode.UnprocessableEntity, "outcome.shared");
        Assert.Equal("outcomes.purchase", problem["field"]!.GetValue<string>());
        var batch = await client.OkAsync(Route + "/batch", $$"""{"items":[{{shared}},{"unit":"u","outcomes":{"revenue":5} }]}""");
        Assert.Equal([422, 202], batch["items"]!.AsArray().Select(i => i!["status"]!.GetValue<int>()));
        Assert.Equal(["revenue"], (await app.Get<Core.Events.EventReader>().ObservationsAsync(new() { Unit = "u" }, null, 10, default)).Items.Select(o => o.Outcome));
        await client.OkAsync("/v1/decisions", """{"decisionPoint":"mine","unit":"u","decisionId":"mine-1"}""");
        await client.OkAsync(Route, """{"decisionId":"mine-1","outcomes":{"purchase":1}}""");
        await both.OkAsync(Route, shared);
        await (await app.WithKeyAsync(KeyScopes.Observe)).OkAsync(Route, shared);
    }

    [Fact]
    public async Task S2_a_limited_key_neither_reports_nor_learns_of_the_outcomes_of_others()
    {
        await using var app = new LooperApp();
        var mine = await app.PublishAsync("mine", ServedApp.Banner with { Outcomes = [new("purchase", Core.Blueprints.OutcomeKind.Boolean)] });
        await app.PublishAsync("theirs", ServedApp.Banner with { Outcomes = [new("purchases", Core.Blueprints.OutcomeKind.Count)] , Goal = new() });
        var client = await app.WithKeyAsync(KeyScopes.Observe, mine);
        await client.OkAsync(Route, """{"unit":"u","outcomes":{"purchase":1}}""");
        var problem = await Problem.IsAsync(await client.SendAsync(Route, """{"unit":"u","outcomes":{"purchases":1}}"""), HttpStatusCode.UnprocessableEntity, "outcome.unknown");
        Assert.Contains("'purchase'", problem["detail"]!.GetValue<string>());
        await Problem.IsAsync(await (await app.WithKeyAsync(KeyScopes.Decide)).SendAsync(Route, """{"unit":"u","outcomes":{"purchase":1}}"""), HttpStatusCode.Forbidden, "access.denied");
    }
}

using System.Net;
using Looper.Core.Access;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api;

public sealed class BatchApiTests
{
    [Fact]
    public async Task A_batch_answers_every_item_in_order_and_a_bad_one_costs_only_itself()
    {
        await using var app = new LooperApp();
        await app.PublishAsync("banner", ServedApp.Banner);
        var client = await app.WithKeyAsync();
        var answer = await client.OkAsync("/v1/decisions/batch", """
            {"items":[{"decisionPoint":"banner","unit":"a","decisionId":"1"},{"decisionPoint":"nobody","unit":"b"},7,
            {"decisionPoint":"banner","unit":"c","context":[1]},{"decisionPoint":"banner"},{"decisionPoint":"banner","unit":"a","decisionId":"1"}]}
            """);
        var items = answer["items"]!.AsArray();
        Assert.Equal([200, 404, 422, 200, 422, 200], items.Select(i => i!["status"]!.GetValue<int>()));
        Assert.Equal("1", items[0]!["result"]!["decisionId"]!.GetValue<string>());
        Assert.Equal("decision-point.unknown", items[1]!["problem"]!["code"]!.GetValue<string>());
        Assert.Equal("default-invalid-context", items[3]!["result"]!["reason"]!.GetValue<string>());
        Assert.Equal("unit", items[4]!["problem"]!["field"]!.GetValue<string>());
        Assert.True(items[5]!["replayed"]!.GetValue<bool>());
        Assert.Equal(items[0]!["result"]!.ToJsonString(), items[5]!["result"]!.ToJsonString());
    }

    [Fact]
    public async Task What_follows_a_fault_inside_an_item_is_passed_over_and_bad_json_anywhere_costs_all()
    {
        await using var app = new LooperApp();
        await app.PublishAsync("banner", ServedApp.Banner);
        var client = await app.WithKeyAsync();
        var good = """{"decisionPoint":"banner","unit":"a","context":{"country":"NL"}}""";
        string[] bad =
        [
            """{"decisionPoint":"banner","unit":"","context":{"a":[{"unit":"x"}]}}""", """{"unit":"\ud800","decisionPoint":"banner"}""", """[["deep"],{}]""", "null",
            """{"decisionPoint":"banner","unit":"a","context":{"n":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}}""",
        ];
        var answer = await client.OkAsync("/v1/decisions/batch", $$"""{"before":{"items":[1]},"items":[{{string.Join(',', bad.Select(b => $"{b},{good}"))}}],"after":[]}""");
        Assert.Equal([422, 200, 400, 200, 422, 200, 422, 200, 422, 200], answer["items"]!.AsArray().Select(i => i!["status"]!.GetValue<int>()));
        var before = app.Get<Looper.Core.Events.Journal>().Condition.Records;
        foreach (var broken in new[] { $$"""{"items":[{{good}},{"unit":}]}""", $$"""{"items":[{{good}} {{good}}]}""", $$"""{"items":[{{good}}]} x""", $$"""{"items":[{{good}},{"unit":"","x":}]}""" })
            await Problem.IsAsync(await client.SendAsync("/v1/decisions/batch", broken), HttpStatusCode.BadRequest, "request.malformed");
        Assert.Equal(before, app.Get<Looper.Core.Events.Journal>().Condition.Records);
    }

    [Fact]
    public async Task However_deep_an_item_is_nested_it_costs_only_itself()
    {
        await using var app = new LooperApp();
        await app.PublishAsync("banner", ServedApp.Banner);
        var client = await app.WithKeyAsync();
        var deep = string.Concat(Enumerable.Repeat("[", 5_000)) + new string(']', 5_000);
        static string Decide(string id, string more = "") => $$"""{"decisionPoint":"banner","unit":"u","decisionId":"{{id}}"{{more}}}""";
        string[] decide = [Decide("1"), Decide("2", $",\"context\":{{\"a\":{deep}}}"), Decide("3", $",\"candidates\":{deep}"), deep, Decide("4")];
        var decided = await client.OkAsync("/v1/decisions/batch", $$"""{"before":{{deep}},"items":[{{string.Join(',', decide)}}]}""");
        Assert.Equal([200, 422, 200, 422, 200], decided["items"]!.AsArray().Select(i => i!["status"]!.GetValue<int>())); // it takes no candidates
        string[] observe = ["""{"decisionId":"1","outcomes":{"purchase":1}}""", $$"""{"decisionId":"3","outcomes":{"purchase":{{deep}} } }""", deep, """{"decisionId":"4","outcomes":{"purchase":1}}"""];
        var observed = await client.OkAsync("/v1/observations/batch", $$"""{"items":[{{string.Join(',', observe)}}]}""");
        Assert.Equal([202, 422, 422, 202], observed["items"]!.AsArray().Select(i => i!["status"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_thousand_items_fit_and_one_more_does_not()
    {
        await using var app = new LooperApp();
        await app.PublishAsync("banner", ServedApp.Banner);
        var client = await app.WithKeyAsync();
        static string Batch(int n, Func<int, string> item) => "{\"items\":[" + string.Join(',', Enumerable.Range(0, n).Select(item)) + "]}";
        static string Decide(int i) => $$"""{"decisionPoint":"banner","unit":"u-{{i}}","decisionId":"d-{{i}}"}""";
        static string Observe(int i) => $$"""{"decisionId":"d-{{i}}","outcomes":{"purchase":{{i % 2}},"revenue":{{i}} } }""";
        var decided = (await client.OkAsync("/v1/decisions/batch", Batch(1_000, Decide)))["items"]!.AsArray();
        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => $"d-{i}"), decided.Select(i => i!["result"]!["decisionId"]!.GetValue<string>()));
        var observed = (await client.OkAsync("/v1/observations/batch", Batch(1_000, Observe)))["items"]!.AsArray();
        Assert.All(observed, i => Assert.Equal((202, 2), (i!["status"]!.GetValue<int>(), i["accepted"]!.GetValue<int>())));
        foreach (var (route, item) in new (string, Func<int, string>)[] { ("/v1/decisions/batch", Decide), ("/v1/observations/batch", Observe) })
        {
            var problem = await Problem.IsAsync(await client.SendAsync(route, Batch(1_001, item)), HttpStatusCode.UnprocessableEntity, "request.invalid");
            Assert.Equal("items", problem["field"]!.GetValue<string>());
            Assert.Empty((await client.OkAsync(route, """{"items":[]}"""))["items"]!.AsArray());
            await Problem.IsAsync(await client.SendAsync(route, "{}"), HttpStatusCode.UnprocessableEntity, "request.invalid");
            await Problem.IsAsync(await client.SendAsync(route, """{"items":[{"""), HttpStatusCode.BadRequest, "request.malformed");
            await Problem.IsAsync(await client.SendAsync(route, new string(' ', 4 * 1024 * 1024 + 1)), HttpStatusCode.RequestEntityTooLarge, "request.too-large");
            await Problem.IsAsync(await app.Anonymous().SendAsync(route, "{}"), HttpStatusCode.Unauthorized, "key.missing");
            await Problem.IsAsync(await (await app.WithKeyAsync(KeyScopes.Read)).SendAsync(route, "{}"), HttpStatusCode.Forbidden, "access.denied");
        }
    }
}

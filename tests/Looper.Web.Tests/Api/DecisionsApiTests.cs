using System.Net;
using System.Text;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Web.Api;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api;

public sealed class DecisionsApiTests(BannerApp banner) : IClassFixture<BannerApp>
{
    private const string Route = "/v1/decisions";

    [Fact]
    public async Task A_decision_is_answered_and_logged_as_served()
    {
        var answer = await banner.Client.OkAsync(Route, """{"decisionPoint":"banner","unit":"user-42","context":{"country":"NL","cartValue":"83.5","other":[1]},"future":1}""");
        Assert.Contains(answer["decision"]!.GetValue<string>(), new[] { "none", "ten-percent", "free-shipping" });
        Assert.Equal(1.0 / 3, answer["propensity"]!.GetValue<double>());
        Assert.Equal("explore", answer["reason"]!.GetValue<string>());
        Assert.Equal(1, answer["blueprintVersion"]!.GetValue<int>());
        Assert.Null(answer["modelVersion"]);
        Assert.Null(answer["arm"]);
        Assert.False(answer["isDefault"]!.GetValue<bool>());
        Assert.Null(answer["recorded"]);
        var record = await banner.Events.FindDecisionAsync(answer["decisionId"]!.GetValue<string>(), default);
        Assert.NotNull(record);
        Assert.Equal((banner.Point, "user-42", 1.0 / 3), (record.DecisionPointId, record.Unit, record.Propensity));
        Assert.Equal(ServedApp.Banner.Options[record.Option].Key, answer["decision"]!.GetValue<string>());
        Assert.Equal("82-4E-4C-0C-9E-20", BitConverter.ToString(record.Served.ToArray())); // two letters, and 8350 hundredths in two bytes
    }

    [Fact]
    public async Task A_call_that_is_not_said_to_be_json_or_has_another_method_is_refused_as_that()
    {
        using var form = new StringContent("""{"decisionPoint":"banner","unit":"u"}""", Encoding.UTF8, "text/plain");
        using var refused = await banner.Client.PostAsync(Route, form, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, refused.StatusCode);
        Assert.Contains("Content-Type: application/json", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var json = new StringContent("{}", Encoding.UTF8, "application/json");
        using var other = await banner.Client.PutAsync(Route, json, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, other.StatusCode);
        Assert.Contains("PUT is not a method of this route. It takes POST.", await other.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory, InlineData("/v1/decisions"), InlineData("/v1/decisions/batch"), InlineData("/v1/observations"), InlineData("/v1/observations/batch")] // the console takes GET where nobody else does
    public async Task A_get_of_a_data_route_is_told_its_method_and_not_that_a_right_is_missing(string route)
    {
        using var got = await banner.Client.GetAsync(route, TestContext.Current.CancellationToken);
        await Problem.IsAsync(got, HttpStatusCode.MethodNotAllowed, "request.method");
        Assert.Equal(["POST"], got.Content.Headers.Allow);
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Put, HttpMethod.Post })
        {
            using var json = new StringContent("{}", Encoding.UTF8, "application/json");
            using var astray = await banner.Client.SendAsync(new(method, $"{route}s") { Content = json }, TestContext.Current.CancellationToken);
            await Problem.IsAsync(astray, HttpStatusCode.NotFound, "route.unknown");
        }
    }

    [Theory]
    [InlineData("""{"shape":"binary","default":"false","policy":{"kind":"fixed","option":"true"}}""", "true")]
    [InlineData("""{"shape":"value","default":"2.5","policy":{"kind":"fixed","option":"7.25"}}""", "7.25")]
    [InlineData("""{"shape":"value","default":"2.5","policy":{"kind":"best"}}""", "2.5")]
    [InlineData("""{"shape":"choice","default":"a","options":[{"key":"a"},{"key":"caf\u00e9 \"1\""}],"policy":{"kind":"fixed","option":"caf\u00e9 \"1\""}}""", "\"caf\\u00E9 \\u00221\\u0022\"")]
    public async Task Each_shape_answers_in_its_own_type(string content, string expected)
    {
        var key = $"p-{content.Length}";
        await banner.App.ForceAsync(key, content);
        var answer = await banner.Client.OkAsync(Route, $$"""{"decisionPoint":"{{key}}","unit":"u"}""");
        Assert.Equal(expected, answer["decision"]!.ToJsonString());
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized, "key.missing")]
    [InlineData("lpr_nonsense", HttpStatusCode.Unauthorized, "key.unknown")]
    public async Task Without_a_good_key_nothing_is_decided(string? key, HttpStatusCode status, string code)
    {
        var client = banner.App.Anonymous();
        if (key is not null) client.DefaultRequestHeaders.Add("X-Api-Key", key);
        await Problem.IsAsync(await client.SendAsync(Route, """{"decisionPoint":"banner","unit":"u"}"""), status, code);
    }

    [Fact]
    public async Task A_key_decides_with_its_scope_and_for_its_decision_points_only()
    {
        var app = banner.App;
        var mine = await app.PublishAsync("mine", ServedApp.Banner);
        await app.PublishAsync("theirs", ServedApp.Banner);
        await Problem.IsAsync(await (await app.WithKeyAsync(KeyScopes.Observe)).SendAsync(Route, """{"decisionPoint":"mine","unit":"u"}"""), HttpStatusCode.Forbidden, "access.denied");
        var limited = await app.WithKeyAsync(KeyScopes.Decide, mine);
        await limited.OkAsync(Route, """{"decisionPoint":"mine","unit":"u"}""");
        var foreign = await Problem.IsAsync(await limited.SendAsync(Route, """{"decisionPoint":"theirs","unit":"u"}"""), HttpStatusCode.NotFound, "decision-point.unknown");
        var absent = await Problem.IsAsync(await limited.SendAsync(Route, """{"decisionPoint":"nobody","unit":"u"}"""), HttpStatusCode.NotFound, "decision-point.unknown");
        Assert.Equal(foreign["detail"]!.GetValue<string>().Replace("theirs", "nobody"), absent["detail"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("", "it breaks off at line 1, byte 1.")]
    [InlineData("""{"decisionPoint":"banner" """, "it breaks off at line 1, byte 27.")]
    [InlineData("""{"decisionPoint":"banner","unit":"u",}""", "nothing follows a comma at line 1, byte 38.")]
    [InlineData("{\"decisionPoint\":\"banner\",\n\"unit\":NaN}", "a value that JSON does not have, at line 2, byte 8.")]
    [InlineData("""{"decisionPoint":"banner","unit":"u"}x""", "something follows its end at line 1, byte 38.")]
    [InlineData("""{"decisionPoint":"banner","unit":"\ud800"}""", "Send whole characters.")]
    [InlineData("\uFEFF{}", "it begins with a byte order mark. Send it without.")]
    public async Task What_is_no_JSON_is_told_where_and_in_words_of_the_caller(string body, string ends)
    {
        var problem = await Problem.IsAsync(await banner.Client.SendAsync(Route, body), HttpStatusCode.BadRequest, "request.malformed");
        Assert.EndsWith(ends, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_compressed_body_is_told_as_one() => Assert.EndsWith("it is compressed (gzip). Send it as it is.", DataJson.CheckText([0x1F, 0x8B, 8, 0])!.Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData("", 400, "request.malformed", null)]
    [InlineData("{", 400, "request.malformed", null)]
    [InlineData("""{"decisionPoint":"banner","unit":"u"}x""", 400, "request.malformed", null)]
    [InlineData("""{"decisionPoint":"banner","unit":"u","context":{"cartValue":NaN}}""", 400, "request.malformed", null)]
    [InlineData("""{"decisionPoint":"banner","unit":"\ud800"}""", 400, "request.malformed", null)]
    [InlineData("[]", 422, "request.invalid", null)]
    [InlineData("null", 422, "request.invalid", null)]
    [InlineData("{}", 422, "request.invalid", "decisionPoint")]
    [InlineData("""{"decisionPoint":"banner"}""", 422, "request.invalid", "unit")]
    [InlineData("""{"decisionPoint":"banner","unit":""}""", 422, "request.invalid", "unit")]
    [InlineData("""{"decisionPoint":"banner","unit":42}""", 422, "request.invalid", "unit")]
    [InlineData("""{"decisionPoint":["banner"],"unit":"u"}""", 422, "request.invalid", "decisionPoint")]
    [InlineData("""{"decisionPoint":"banner","unit":"a\u0000b"}""", 422, "request.invalid", "unit")]
    [InlineData("""{"decisionPoint":"banner","unit":"u","decisionId":7}""", 422, "request.invalid", "decisionId")]
    [InlineData("""{"decisionPoint":"banner","unit":"u","explain":"yes"}""", 422, "request.invalid", "explain")]
    public async Task What_cannot_be_understood_is_refused_with_its_field(string body, int status, string code, string? field)
    {
        var problem = await Problem.IsAsync(await banner.Client.SendAsync(Route, body), (HttpStatusCode)status, code);
        Assert.Equal(field, problem["field"]?.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"country":{"x":1},"cartValue":1e400}""", "explore")]
    [InlineData("""{"country":"\ud800","cartValue":"many"}""", "explore")]
    [InlineData("""{"country":1,"country":2}""", "explore")]
    [InlineData("[1]", "default-invalid-context")]
    [InlineData("7", "default-invalid-context")]
    [InlineData("null", "explore")]
    public async Task A_bad_context_never_costs_the_caller_a_decision(string context, string reason)
    {
        var answer = await banner.Client.OkAsync(Route, $$"""{"context":{{context}},"decisionPoint":"banner","unit":"u"}""");
        Assert.Equal(reason, answer["reason"]!.GetValue<string>());
        Assert.Equal(reason != "explore", answer["isDefault"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_paused_point_answers_its_default_and_says_so()
    {
        await banner.App.PublishAsync("paused", ServedApp.Banner);
        await banner.App.ChangeAsync("paused", p => p.IsPaused = true);
        var answer = await banner.Client.OkAsync(Route, """{"decisionPoint":"paused","unit":"u"}""");
        Assert.Equal(("none", "default-paused", true), (answer["decision"]!.GetValue<string>(), answer["reason"]!.GetValue<string>(), answer["isDefault"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task S18_limits_are_named_one_above_and_not_felt_at_them()
    {
        var client = banner.Client;
        static string Call(string unit = "u", string id = "d", string context = "{}") => $$"""{"decisionPoint":"banner","unit":"{{unit}}","decisionId":"{{id}}","context":{{context}}}""";
        static string Names(int count) => "{" + string.Join(',', Enumerable.Range(0, count).Select(i => $"\"f{i}\":{i}")) + "}";
        static string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
        string[] at = [Call(new string('é', 256), "a"), Call(id: new string('é', 128)), Call(id: "c", context: Names(200)), Call(id: "e", context: Nested(15)), Call(id: "f", context: $$"""{"country":"{{new string('x', 1_024)}}"}""")];
        foreach (var call in at) await client.OkAsync(Route, call);
        (string Call, string Field)[] above =
        [
            (Call(new string('é', 257)), "unit"), (Call(id: new string('é', 129)), "decisionId"), (Call(context: Names(201)), "context"),
            (Call(context: Nested(16)), "context"), (Call(context: Nested(5_000)), "context"), (Call(context: $$"""{"country":"{{new string('x', 1_025)}}"}"""), "context"),
        ];
        foreach (var (call, field) in above)
        {
            var problem = await Problem.IsAsync(await client.SendAsync(Route, call), HttpStatusCode.UnprocessableEntity, "request.invalid");
            Assert.Equal(field, problem["field"]!.GetValue<string>());
        }
        var padding = new string(' ', 512 * 1024 - Call(id: "g").Length);
        await client.OkAsync(Route, Call(id: "g") + padding);
        await Problem.IsAsync(await client.SendAsync(Route, Call(id: "h") + padding + " "), HttpStatusCode.RequestEntityTooLarge, "request.too-large");
    }

    [Fact] // the server leaves %2F in an address as it is
    public async Task A_decision_whose_id_holds_a_slash_is_read_and_its_unit_shown()
    {
        await banner.Client.OkAsync(Route, """{"decisionPoint":"banner","unit":"who","decisionId":"order/981%"}""");
        using var client = await banner.App.SignedInAsync(Role.Admin);
        using var read = await client.GetAsync("/api/decisions/order%2f981%25");
        Assert.Equal("order/981%", (string?)(await read.JsonAsync())["decision"]!["id"]);
        using var revealed = await client.PostAsync("/api/decisions/order%2F981%25/reveal", null);
        Assert.Equal("who", (string?)(await revealed.JsonAsync())["unit"]);
    }

    [Fact]
    public async Task A_test_decision_shows_the_distribution_and_logs_nothing()
    {
        var point = await banner.App.PublishAsync("tried", ServedApp.Banner with { Policy = new RandomPolicy { Weights = [0, 1, 3] } });
        var client = await banner.App.SignedInAsync(Role.Engineer);
        var tried = await client.OkAsync("/api/decision-points/tried/test-decisions", """{"unit":"u","context":{"country":"NL","cartValue":"x"}}""");
        Assert.Equal([0, 0.25, 0.75], tried["options"]!.AsArray().Select(o => o!["probability"]!.GetValue<double>()));
        Assert.Equal(["text", "invalid"], tried["features"]!.AsArray().Select(f => f!["arrived"]!.GetValue<string>()));
        Assert.Equal([null, "`cartValue` cannot be read as a number, so it counts as missing. Send a finite number, such as 12.5."], tried["features"]!.AsArray().Select(f => f!["fault"]?.GetValue<string>()));
        Assert.Empty((await banner.Events.DecisionsAsync(new(point), null, 10, default)).Items);
        await Problem.IsAsync(await client.SendAsync("/api/decision-points/nobody/test-decisions", """{"unit":"u"}"""), HttpStatusCode.NotFound, "decision-point.unknown");
    }
}

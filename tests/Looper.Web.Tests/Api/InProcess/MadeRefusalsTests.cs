using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api.InProcess;

/// <summary>Every refusal names the field, costs only its own item, and leaves nothing behind.</summary>
public sealed class MadeRefusalsTests
{
    [Fact]
    public async Task Each_fault_is_named_and_costs_its_own_item_alone()
    {
        await using var app = new LooperApp();
        var history = new Feature("spent", FeatureKind.Number) { Derived = new HistoryDerivation("revenue", HistoryAggregate.Sum, TimeSpan.FromHours(1)) };
        await app.PublishAsync("banner", ServedApp.Banner with { Features = [history] });
        await app.PublishAsync("banner", ServedApp.Banner with { Durable = true });
        await app.PublishAsync("banner", ServedApp.Banner with { Training = new() { IsOn = false } });
        await app.PublishAsync("yes", ServedApp.Banner with { Shape = DecisionShape.Binary, Options = [], Default = "false" });
        await app.PublishAsync("price", ServedApp.Banner with { Shape = DecisionShape.Value, Options = [], Default = "1", Range = new(0, 5), Policy = new FixedPolicy("1") });
        const string settings = """{"mode":"calm","rate":0.5}""";
        await app.PublishAsync("settings", ServedApp.Banner with
        {
            Shape = DecisionShape.Configuration, Options = [], Default = settings, Policy = new FixedPolicy(settings), Parameters = [new("mode", ConfigurationKind.Category) { Values = ["calm", "loud"] }, new("rate")],
        });
        await app.PublishAsync("offers", ServedApp.Banner with { Shape = DecisionShape.Pick, Options = [], Default = "as-sent" });
        await AsideShop.StartAsync(app, "banner", new { arms = new object[] { new { key = "a", weight = 0.5, option = "none" }, new { key = "b", weight = 0.5, option = "ten-percent" } } });
        using var client = await app.WithKeyAsync(KeyScopes.Decide);

        (string Changes, string Code, string Field)[] faults =
        [
            ("""{"decisionPoint":null}""", "request.invalid", "decisionPoint"), ("""{"decisionPoint":"nowhere"}""", "decision-point.unknown", "decisionPoint"), ("""{"-":"decisionPoint"}""", "request.invalid", "decisionPoint"),
            ("""{"-":"decisionId"}""", "request.invalid", "decisionId"), ("""{"decisionId":""}""", "request.invalid", "decisionId"), ($$"""{"decisionId":"{{new string('d', 129)}}"}""", "request.invalid", "decisionId"),
            ("""{"-":"unit"}""", "request.invalid", "unit"), ("""{"unit":7}""", "request.invalid", "unit"), ($$"""{"unit":"{{new string('u', 257)}}"}""", "request.invalid", "unit"), ("""{"unit":"\ud800"}""", "request.malformed", ""),
            ("""{"-":"time"}""", "request.invalid", "time"), ("""{"time":"yesterday"}""", "request.invalid", "time"), ("""{"time":"2026-11-30T11:00:00"}""", "request.invalid", "time"), ("""{"time":"2020-01-01T00:00:00Z"}""", "decision.too-old", "time"),
            ("""{"-":"blueprintVersion"}""", "request.invalid", "blueprintVersion"), ("""{"blueprintVersion":0}""", "request.invalid", "blueprintVersion"), ("""{"blueprintVersion":1e30}""", "request.invalid", "blueprintVersion"),
            ("""{"blueprintVersion":9}""", "blueprint.unknown", "blueprintVersion"), ("""{"blueprintVersion":1}""", "snapshot.not-in-process", "blueprintVersion"), ("""{"blueprintVersion":2}""", "snapshot.not-in-process", "blueprintVersion"),
            ("""{"decisionPoint":"offers","blueprintVersion":1,"decision":"a"}""", "snapshot.not-in-process", "blueprintVersion"),
            ("""{"-":"decision"}""", "request.invalid", "decision"), ("""{"decision":"nothing"}""", "request.invalid", "decision"), ("""{"decision":true}""", "request.invalid", "decision"), ("""{"decision":null}""", "request.invalid", "decision"),
            ("""{"decision":"\ud800"}""", "request.invalid", "decision"),
            ("""{"decisionPoint":"yes","blueprintVersion":1,"decision":"true"}""", "request.invalid", "decision"), ("""{"decisionPoint":"price","blueprintVersion":1,"decision":"1"}""", "request.invalid", "decision"),
            ("""{"decisionPoint":"price","blueprintVersion":1,"decision":5.1}""", "request.invalid", "decision"), ("""{"decisionPoint":"price","blueprintVersion":1,"decision":1e999}""", "request.invalid", "decision"),
            ("""{"decisionPoint":"settings","blueprintVersion":1,"decision":{"mode":"calm"}}""", "request.invalid", "decision"), ("""{"decisionPoint":"settings","blueprintVersion":1,"decision":{"mode":"wild","rate":0.5}}""", "request.invalid", "decision"),
            ("""{"decisionPoint":"settings","blueprintVersion":1,"decision":{"mode":"calm","rate":1e999}}""", "request.invalid", "decision"), ("""{"decisionPoint":"settings","blueprintVersion":1,"decision":"{}"}""", "request.invalid", "decision"),
            ("""{"-":"propensity"}""", "request.invalid", "propensity"), ("""{"propensity":0}""", "request.invalid", "propensity"), ("""{"propensity":1.0001}""", "request.invalid", "propensity"), ("""{"propensity":-0.5}""", "request.invalid", "propensity"),
            ("""{"propensity":"0.5"}""", "request.invalid", "propensity"), ("""{"propensity":1e999}""", "request.invalid", "propensity"),
            ("""{"-":"reason"}""", "request.invalid", "reason"), ("""{"reason":"luck"}""", "request.invalid", "reason"), ("""{"reason":"Policy"}""", "request.invalid", "reason"), ("""{"reason":1}""", "request.invalid", "reason"),
            ("""{"experiment":"trial"}""", "request.invalid", "arm"), ("""{"arm":"a"}""", "request.invalid", "experiment"), ("""{"reason":"experiment"}""", "request.invalid", "experiment"), ("""{"reason":"override"}""", "request.invalid", "experiment"),
            ("""{"experiment":"other","arm":"a"}""", "experiment.unknown", "experiment"), ("""{"experiment":"trial","arm":"c"}""", "arm.unknown", "arm"),
            ("""{"decisionPoint":"yes","blueprintVersion":1,"decision":true,"experiment":"trial","arm":"a"}""", "experiment.unknown", "experiment"),
            ("""{"modelVersion":0}""", "request.invalid", "modelVersion"), ("""{"modelVersion":1.5}""", "request.invalid", "modelVersion"), ("""{"modelVersion":"1"}""", "request.invalid", "modelVersion"),
            ("""{"scores":[1,2]}""", "request.invalid", "scores"), ("""{"scores":[1,2,1e999]}""", "request.invalid", "scores"), ("""{"scores":0.5}""", "request.invalid", "scores"), ("""{"scores":[1,2,null]}""", "request.invalid", "scores"),
            ($$"""{"scores":[{{string.Join(',', Enumerable.Repeat("1", 65))}}]}""", "request.invalid", "scores"), ("""{"decisionPoint":"price","blueprintVersion":1,"decision":1,"scores":[1,2,3]}""", "request.invalid", "scores"),
            ($$"""{"context":{{string.Concat(Enumerable.Repeat("[", 20))}}{{string.Concat(Enumerable.Repeat("]", 20))}} }""", "request.invalid", "context"),
        ];
        var items = faults.Select((fault, i) => Item($"d-{i}", Now(app), fault.Changes)).SelectMany((bad, i) => new[] { bad, Item($"good-{i}", Now(app), "{}") }).Append("7");
        var answers = (await client.OkAsync(AppAside.Made, $"{{\"items\":[{string.Join(',', items)}]}}"))["items"]!.AsArray();
        Assert.Equal(2 * faults.Length + 1, answers.Count);
        for (var i = 0; i < faults.Length; i++)
        {
            var (bad, good) = (answers[2 * i]!, answers[2 * i + 1]!);
            var status = faults[i].Code switch { "decision-point.unknown" => 404, "request.malformed" => 400, _ => 422 };
            Assert.True(
                status == bad["status"]!.GetValue<int>() && faults[i].Code == (string?)bad["problem"]!["code"] && faults[i].Field == ((string?)bad["problem"]!["field"] ?? ""), $"{faults[i].Changes}: {bad.ToJsonString()}");
            if (faults[i].Field != "" && status != 404) Assert.StartsWith(faults[i].Field + ": ", (string?)bad["problem"]!["detail"], StringComparison.Ordinal);
            Assert.Equal("{\"status\":202}", good.ToJsonString());
        }
        Assert.Equal(422, answers[^1]!["status"]!.GetValue<int>());
        Assert.Equal(faults.Length, AppAside.Rows(app).Count);
    }

    [Fact]
    public async Task A_body_that_is_cut_or_has_too_many_costs_all_and_none_costs_nothing()
    {
        await using var app = new LooperApp();
        await app.PublishAsync("banner", ServedApp.Banner);
        using var client = await app.WithKeyAsync(KeyScopes.Decide);
        var good = Item("d-1", Now(app), """{"blueprintVersion":1}""");
        foreach (var cut in new[] { "", "{\"items\":[", $"{{\"items\":[{good}", $"{{\"items\":[{good},]}}", $"{{\"items\":[{good}]}}x" })
        {
            using var answer = await client.SendAsync(AppAside.Made, cut);
            await Problem.IsAsync(answer, HttpStatusCode.BadRequest, "request.malformed");
        }
        foreach (var (none, field) in new (string, string?)[] { ("{}", "items"), ("[]", null), ("""{"items":{}}""", "items"), ($"{{\"items\":[{string.Join(',', Enumerable.Repeat(good, 1_001))}]}}", "items") })
        {
            using var answer = await client.SendAsync(AppAside.Made, none);
            Assert.Equal(field, (string?)(await Problem.IsAsync(answer, HttpStatusCode.UnprocessableEntity, "request.invalid"))["field"]);
        }
        using (var large = await client.SendAsync(AppAside.Made, $"{{\"items\":[{good}]}}{new string(' ', 4 * 1024 * 1024)}")) await Problem.IsAsync(large, HttpStatusCode.RequestEntityTooLarge, "request.too-large");
        Assert.Empty((await client.OkAsync(AppAside.Made, """{"items":[]}"""))["items"]!.AsArray());
        Assert.Empty(AppAside.Rows(app));
        var thousand = await client.OkAsync(AppAside.Made, $"{{\"items\":[{string.Join(',', Enumerable.Range(0, 1_000).Select(i => Item($"d-{i}", Now(app), """{"blueprintVersion":1}""")))}]}}");
        Assert.All(thousand["items"]!.AsArray(), item => Assert.Equal("{\"status\":202}", item!.ToJsonString()));
        Assert.Equal(1_000, AppAside.Rows(app).Count);
    }

    private static string Now(LooperApp app) => app.Get<TimeProvider>().GetUtcNow().ToString("O", CultureInfo.InvariantCulture);

    /// <param name="changes">JSON: fields that are other, or under <c>-</c> one that is left out. Written as text, for some of it is none that JSON knows.</param>
    private static string Item(string id, string now, string changes)
    {
        var fields = new Dictionary<string, string>
        {
            ["decisionPoint"] = "\"banner\"", ["decisionId"] = $"\"{id}\"", ["unit"] = "\"u-1\"", ["time"] = $"\"{now}\"", ["context"] = """{"country":"NL"}""", ["blueprintVersion"] = "3", ["decision"] = "\"ten-percent\"",
            ["propensity"] = "0.25", ["reason"] = "\"policy\"",
        };
        using var changed = System.Text.Json.JsonDocument.Parse(changes);
        foreach (var change in changed.RootElement.EnumerateObject())
        {
            if (change.Name == "-") fields.Remove(change.Value.GetString()!);
            else fields[change.Name] = change.Value.GetRawText();
        }
        return $"{{{string.Join(',', fields.Select(f => $"\"{f.Key}\":{f.Value}"))}}}";
    }
}

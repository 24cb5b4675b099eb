using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Learning;
using Looper.Core.Learning.Trees;
using Looper.Core.Models;
using Looper.Web.Tests.Hosting;
using Looper.Web.Tests.Models;

namespace Looper.Web.Tests.Api;

public sealed class ExplainApiTests
{
    private const string Route = "/v1/decisions";

    /// <summary>0.5, and 0.2 more from a cart value of 50 on: by cover half the rows lie there.</summary>
    private static byte[] Cart => Artefact.Write(new([new("cartValue", ColumnKind.Number, [])], new TreeEnsemble(
        Objective.Squared, [0.5], [new Tree([new(0, 50, -1, 1, 2, MissingLeft: true, 0, 2, 1), new(0, 0, -1, -1, -1, false, 0, 1, 0), new(0, 0, -1, -1, -1, false, 0.2, 1, 0)], [])], [default])));

    [Fact]
    public async Task An_answer_says_why_on_request_alone()
    {
        await using var app = new LooperApp();
        var point = await app.PublishAsync("banner", LiveModels.Banner);
        var client = await app.WithKeyAsync(KeyScopes.Decide);
        await app.AddModelAsync(point, 1, ModelState.Live, artefact: Cart);

        Assert.Null((await client.OkAsync(Route, Call("d-0", "false")))["explanation"]);
        var answer = await client.OkAsync(Route, Call("d-1", "true"));
        var outcome = answer["explanation"]!["outcomes"]!.AsArray().Single()!;
        Assert.Equal("best", answer["explanation"]!["rule"]!.GetValue<string>());
        Assert.Equal(("purchase", 1, "value", "exact"), (Text(outcome, "outcome"), outcome["modelVersion"]!.GetValue<int>(), Text(outcome, "scale"), Text(outcome, "method")));
        Assert.Equal(0.6, Number(outcome, "base"), 1e-12); // by hand: 0.5 + half of 0.2
        Assert.Equal((0.7, 0.7), (Math.Round(Number(outcome, "score"), 12), Math.Round(Number(outcome, "prediction"), 12)));
        var moved = Assert.Single(outcome["contributions"]!.AsArray())!;
        Assert.Equal(("cartValue", 0.1), (Text(moved, "feature"), Math.Round(Number(moved, "contribution"), 12)));

        var again = await client.OkAsync(Route, Call("d-1", "true"));
        Assert.Equal(answer.ToJsonString(), again.ToJsonString()); // a replay is explained from its record
        Assert.NotNull((await client.OkAsync(Route, Call("d-0", "true")))["explanation"]); // asking is no part of the call's identity

        await app.ChangeModelAsync(1, m => m.State = ModelState.Retired);
        var gone = (await client.OkAsync(Route, Call("d-1", "true")))["explanation"]!.AsObject();
        Assert.True(gone.ContainsKey("outcomes"));
        Assert.Null(gone["outcomes"]);
    }

    [Fact]
    public async Task A_batch_explains_its_first_hundred_that_ask()
    {
        await using var app = new LooperApp();
        await app.PublishAsync("banner", ServedApp.Banner);
        var client = await app.WithKeyAsync(KeyScopes.Decide);
        var items = string.Join(',', Enumerable.Range(0, 103).Select(i => Call($"d-{i}", i == 1 ? "null" : "true")));
        var results = (await client.OkAsync("/v1/decisions/batch", $$"""{"items":[{{items}}]}"""))["items"]!.AsArray().Select(i => i!["result"]!.AsObject()).ToList();
        Assert.Equal(101, results.FindIndex(r => r.ContainsKey("explanation") && r["explanation"] is null));
        Assert.False(results[1].ContainsKey("explanation"));
        Assert.Equal("random", Text(results[100]["explanation"]!, "rule"));
        Assert.Empty(results[100]["explanation"]!["outcomes"]!.AsArray());
    }

    private static string Call(string id, string explain) => $$$"""{"decisionPoint":"banner","unit":"u","decisionId":"{{{id}}}","context":{"cartValue":83.5},"explain":{{{explain}}}}""";

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private static double Number(JsonNode node, string name) => node[name]!.GetValue<double>();
}

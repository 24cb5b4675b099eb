using System.Net;
using System.Text.Json.Nodes;
using Looper.Core.Blueprints;
using Looper.Core.Serving;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api;

/// <summary>Tags and vectors over HTTP: as served, repeated, and as a bad value.</summary>
public sealed class ListFeaturesApiTests(BannerApp banner) : IClassFixture<BannerApp>, IAsyncLifetime
{
    private const string Route = "/v1/decisions";

    private static BlueprintContent Lists => ServedApp.Banner with
    {
        Features = [new("interests", FeatureKind.Tags), new("embedding", FeatureKind.Vector) { Dimension = 3 }],
        Policy = new TreePolicy(new() { Feature = "interests", Contains = "sport", Then = new() { Option = "ten-percent" }, Else = new() { Option = "none" } }),
    };

    public async ValueTask InitializeAsync()
    {
        if (banner.App.Get<DecisionEngine>().Current.Find("lists") is null) await banner.App.PublishAsync("lists", Lists);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("""{"interests":["sport","news","sport"],"embedding":[0.5,-1e-3,2]}""", "ten-percent", """["news", "sport"]""", "[0.5, -0.001, 2]")]
    [InlineData("""{"interests":["n\u0065ws"],"embedding":[1,2,3]}""", "none", """["news"]""", "[1, 2, 3]")]
    [InlineData("""{"interests":[],"embedding":[1,2]}""", "none", "[]", "invalid")]
    [InlineData("""{"interests":[["sport"]],"embedding":["1","2","3"]}""", "none", "invalid", "invalid")]
    [InlineData("""{"interests":{"sport":true},"embedding":null}""", "none", "invalid", "missing")]
    public async Task A_bad_list_never_costs_a_decision_and_is_kept_as_such(string context, string decision, string tags, string vector)
    {
        var answer = await banner.Client.OkAsync(Route, Call(context));
        Assert.Equal(decision, answer["decision"]!.GetValue<string>());
        var record = (await banner.Events.FindDecisionAsync(answer["decisionId"]!.GetValue<string>(), default))!;
        Assert.Equal([tags, vector], Shown(record.Served.Span));
    }

    [Fact]
    public async Task R7_a_repeated_call_is_the_same_in_other_white_space_and_another_list_is_a_conflict()
    {
        await banner.Client.OkAsync(Route, Call("""{"interests":["a","b"],"embedding":[1,2,3]}""", "lists-1"));
        using var again = await banner.Client.SendAsync(Route, Call("""{ "embedding" : [1.0, 2, 3], "interests" : ["a", "b"] }""", "lists-1"));
        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replayed").Single());
        using var changed = await banner.Client.SendAsync(Route, Call("""{"interests":["a","c"],"embedding":[1,2,3]}""", "lists-1"));
        await Problem.IsAsync(changed, HttpStatusCode.Conflict, "idempotency.conflict");
    }

    [Fact]
    public async Task A_tag_over_the_limit_of_texts_is_refused_and_a_hundred_tags_are_not()
    {
        using var refused = await banner.Client.SendAsync(Route, Call($$"""{"interests":["{{new string('x', 1_025)}}"]}"""));
        await Problem.IsAsync(refused, HttpStatusCode.UnprocessableEntity, "request.invalid");
        var answer = await banner.Client.OkAsync(Route, Call($$"""{"interests":[{{string.Join(',', Enumerable.Range(0, 100).Select(i => $"\"t{i}\""))}}],"embedding":[1,2,3]}"""));
        Assert.False(answer["isDefault"]!.GetValue<bool>());
    }

    private static string Call(string context, string? id = null) =>
        new JsonObject { ["decisionPoint"] = "lists", ["unit"] = "user-1", ["decisionId"] = id }.ToJsonString()[..^1] + $",\"context\":{context}}}";

    private static string[] Shown(ReadOnlySpan<byte> served)
    {
        var shown = new List<string>();
        var reader = new ServedRowReader(served);
        while (reader.Read()) shown.Add(reader.Kind switch { ServedKind.Tags or ServedKind.Vector => ListText.Of(reader), ServedKind.Invalid => "invalid", _ => "missing" });
        return [.. shown];
    }
}

using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Looper.Core.Access;
using Looper.Web.Hosting;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;

namespace Looper.Web.Tests.Hosting;

public sealed partial class ApiDescriptionTests
{
    [Fact]
    public async Task No_two_types_share_a_schema()
    {
        await using var looper = new LooperApp();
        var options = looper.Get<IOptionsMonitor<OpenApiOptions>>().Get("v1");
        var (named, types) = (options.CreateSchemaReferenceId, new ConcurrentDictionary<string, ConcurrentDictionary<Type, bool>>());
        options.CreateSchemaReferenceId = info =>
        {
            var id = named(info);
            if (id is not null) types.GetOrAdd(id, _ => new())[Nullable.GetUnderlyingType(info.Type) ?? info.Type] = true;
            return id;
        };

        var document = await DocumentAsync(looper);

        Assert.NotEmpty(types);
        Assert.Empty(types.Where(t => t.Value.Count > 1).Select(t => $"{t.Key}: {string.Join(", ", t.Value.Keys)}"));
        var metric = document["components"]!["schemas"]!["ExperimentPlan"]!["properties"]!["metrics"]!["items"]!["$ref"]!.GetValue<string>().Split('/')[^1];
        Assert.NotNull(document["components"]!["schemas"]![metric]!["properties"]!["margin"]);
        Assert.Null(document["components"]!["schemas"]![metric]!["properties"]!["average"]);
    }

    [Fact]
    public async Task No_description_speaks_the_language_of_the_code()
    {
        await using var looper = new LooperApp();
        var texts = Texts(await DocumentAsync(looper)).ToList();
        Assert.NotEmpty(texts);
        Assert.DoesNotContain(texts, t => Code().IsMatch(t));
    }

    [Fact]
    public async Task Every_operation_says_what_it_does_and_the_apps_own_calls_come_first()
    {
        await using var looper = new LooperApp();
        var document = await DocumentAsync(looper);
        var operations = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject()).Select(o => o.Value!.AsObject()).ToList();
        Assert.Empty(operations.Where(o => string.IsNullOrWhiteSpace(o["summary"]?.GetValue<string>())).Select(o => o["operationId"]?.GetValue<string>()));
        var decide = document["paths"]!["/v1/decisions"]!["post"]!["tags"]![0]!.GetValue<string>();
        Assert.Equal("Decide and observe", decide);
        Assert.Equal(decide, document["tags"]![0]!["name"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("At most one of string? Arm.Option, PolicySpec? Arm.Policy\n     is set", "At most one of `option`, `policy` is set")]
    [InlineData("one of ImmutableArray<string> EffectPlan.Learners", "one of `learners`")]
    [InlineData("1 to int BlueprintContent.MostPositions", "1 to 50")]
    [InlineData("Only FilterRule.IsNot and FilterRule.Lacks", "Only `isNot` and `lacks`")]
    [InlineData("The figure; NaN where there is none", "The figure; null where there is none")]
    [InlineData("As it says: Node.Js in `events.db`. The rest", "As it says: Node.Js in `events.db`. The rest")]
    public void A_comment_names_things_as_callers_know_them(string comment, string description) => Assert.Equal(description, ApiWords.Of(comment));

    private static async Task<JsonNode> DocumentAsync(LooperApp looper)
    {
        using var signedIn = await looper.SignedInAsync(Role.Viewer);
        return JsonNode.Parse(await signedIn.GetStringAsync("/openapi/v1.json"))!;
    }

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject all => all.SelectMany(one => one.Key is "description" or "summary" && one.Value is JsonValue text ? [text.GetValue<string>()] : Texts(one.Value)),
        JsonArray all => all.SelectMany(Texts),
        _ => [],
    };

    [GeneratedRegex(@"<|ImmutableArray|string\?|\bNaN\b|\n|\b(int|double|bool|string|long) [A-Z]\w*\.|\b[A-Z]\w+\.[A-Z]\w+")]
    private static partial Regex Code();
}

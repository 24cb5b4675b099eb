using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Testing;
using Looper.Web.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Api.InProcess;

/// <summary>A decision is the same wherever it is made, and so is what is left of it in the log.</summary>
public sealed class SameDecisionsTests
{
    private const KeyScopes All = KeyScopes.Decide | KeyScopes.Observe | KeyScopes.Read;
    private const int Units = 2_000;

    private readonly TestClock _clock = new();

    [Fact]
    public async Task Two_thousand_units_get_the_same_answers_by_the_snapshot_as_over_http_and_leave_the_same_rows()
    {
        await using var app = new LooperApp(services: s => s.AddSingleton<TimeProvider>(_clock), recurs: false);
        var point = await AsideShop.OpenAsync(app);
        using var client = await app.WithKeyAsync(All);
        var aside = await AppAside.WithAsync(client, "banner");
        var made = Enumerable.Range(0, Units).Select(i => aside.Decide("banner", IdOf(i), i == 7 ? "tester" : $"u-{i}", AsideShop.ContextOf(i), _clock.GetUtcNow())).ToList();
        Assert.Equal(["default-invalid-context", "experiment", "explore", "holdout", "override", "policy"], made.Select(m => (string?)m["reason"]).Distinct().Order());
        Assert.Equal(["before", "fixed", "now", "softer"], made.Select(m => (string?)m["arm"]).OfType<string>().Distinct().Order());
        Assert.Equal([1, 2], made.Select(m => (int)m["blueprintVersion"]!).Distinct().Order());
        Assert.Contains(made, m => (int?)m["modelVersion"] == 1);

        var answers = new List<JsonNode>();
        foreach (var some in made.Chunk(1_000)) answers.AddRange((await client.OkAsync("/v1/decisions/batch", AppAside.Batch(some)))["items"]!.AsArray().Select(i => i!["result"]!));
        string[] same = ["decisionId", "decision", "propensity", "reason", "experiment", "arm", "blueprintVersion", "modelVersion", "isDefault"];
        Assert.All(made.Zip(answers), both => Assert.All(same, name => Assert.Equal(both.First[name]?.ToJsonString(), both.Second[name]?.ToJsonString())));

        await RowsAreTheSameAsync(app, client, point, made);
    }

    [Theory, InlineData("binary"), InlineData("value"), InlineData("value of an arm"), InlineData("configuration"), InlineData("paused"), InlineData("broken")]
    public async Task Every_shape_that_can_be_decided_elsewhere_leaves_the_same_rows(string kind)
    {
        await using var app = new LooperApp(services: s => s.AddSingleton<TimeProvider>(_clock), recurs: false);
        var content = kind switch
        {
            "binary" => AsideShop.Content with { Shape = DecisionShape.Binary, Options = [], Default = "false", Policy = new RandomPolicy(), Rollout = new() { Baseline = "true", Holdout = 0.5 } },
            "value" or "value of an arm" => AsideShop.Content with { Shape = DecisionShape.Value, Options = [], Default = "-0.1", Range = new(-1, 5), Policy = new FixedPolicy("3.3"), Rollout = new() { Holdout = 0.5 } },
            "configuration" => AsideShop.Content with
            {
                Shape = DecisionShape.Configuration, Options = [], Default = """{"b":0.25,"a":"calm"}""", Policy = new FixedPolicy("""{"b":1e-1,"a":"loud"}"""), Rollout = new() { Holdout = 0.5 },
                Parameters = [new("a", ConfigurationKind.Category) { Values = ["calm", "loud"] }, new("b")],
            },
            "broken" => AsideShop.Content with { Policy = new FixedPolicy("nowhere") },
            _ => AsideShop.Content,
        };
        var point = await app.PublishAsync("banner", content);
        if (kind == "paused") await app.ChangeAsync("banner", p => p.IsPaused = true);
        if (kind == "value of an arm") await AsideShop.StartAsync(app, "banner", new { arms = new object[] { new { key = "beyond", weight = 0.5, option = "7" }, new { key = "now", weight = 0.5 } } });
        using var client = await app.WithKeyAsync(All);
        var aside = await AppAside.WithAsync(client, "banner");
        var made = Enumerable.Range(0, 60).Select(i => aside.Decide("banner", IdOf(i), $"u-{i}", AsideShop.ContextOf(i), _clock.GetUtcNow())).ToList();
        var reasons = made.Select(m => (string?)m["reason"]).ToHashSet();
        if (kind == "value of an arm") Assert.Contains(made, m => (double)m["decision"]! == 7); // the range is the version's, and an arm may try what lies beyond
        Assert.Contains(kind switch { "paused" => "default-paused", "broken" => "default-error", _ => "holdout" }, reasons);
        await client.OkAsync("/v1/decisions/batch", AppAside.Batch(made));
        await RowsAreTheSameAsync(app, client, point, made);
    }

    // Half of the ids are of the kind that Looper makes.
    private static string IdOf(int i) => i % 2 == 0 ? $"d-{i}" : $"0190{i:x4}-0000-7000-8000-00000000{i:x4}";

    private static async Task RowsAreTheSameAsync(LooperApp app, HttpClient client, Guid point, List<JsonObject> made)
    {
        var decided = AppAside.Rows(app);
        Assert.Equal(made.Count, decided.Count);
        await app.Get<Journal>().RemoveAsync(new NotedRemoval(Guid.Parse("01900000-0000-7000-8000-000000000001"), "test", RemovalOrder.OfPoint(point)), default);
        Assert.Empty(AppAside.Rows(app));
        foreach (var some in made.Chunk(1_000)) Assert.All(await AppAside.SendAsync(client, some), item => Assert.Equal("{\"status\":202}", item.ToJsonString()));
        Assert.Equal(decided, AppAside.Rows(app));
    }
}

using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Learning;
using Looper.Core.Learning.Trees;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;
using Looper.Web.Tests.Models;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Api.InProcess;

/// <summary>Decision points where everything that a decision can come from is met.</summary>
internal static class AsideShop
{
    public static BlueprintContent Content => ServedApp.Banner with
    {
        Features =
        [
            new("country", FeatureKind.Category), new("cartValue", FeatureKind.Number), new("device.os", FeatureKind.Category), new("interests", FeatureKind.Tags), new("sentAt", FeatureKind.Time),
            new("large", FeatureKind.Category) { Derived = new BucketDerivation("cartValue", [50]) },
        ],
        Outcomes = [new("purchase", OutcomeKind.Boolean) { Absent = null, Window = TimeSpan.FromDays(1) }],
        Policy = new EpsilonGreedyPolicy(0.3), Training = new() { IsOn = false }, Rollout = new() { Holdout = 0.1, Share = 0.9, Baseline = "ten-percent" },
    };

    /// <summary>0.5, and 0.2 more from a cart value of 50 on.</summary>
    private static byte[] Cart => Artefact.Write(new([new("cartValue", ColumnKind.Number, [])], new TreeEnsemble(
        Objective.Squared, [0.5], [new Tree([new(0, 50, -1, 1, 2, MissingLeft: true, 0, 2, 1), new(0, 0, -1, -1, -1, false, 0, 1, 0), new(0, 0, -1, -1, -1, false, 0.2, 1, 0)], [])], [default])));

    /// <summary>The decision point <c>banner</c> with a live model, an older version, and an experiment over six units of ten with a tester.</summary>
    public static async Task<Guid> OpenAsync(LooperApp app)
    {
        await app.PublishAsync("banner", Content with { Features = [.. Content.Features.Take(2)], Options = [new("free-shipping"), new("none"), new("ten-percent")] });
        var point = await app.PublishAsync("banner", Content);
        await app.AddModelAsync(point, 1, ModelState.Live, artefact: Cart);
        await StartAsync(app, "banner", new
        {
            traffic = 0.6,
            arms = new object[]
            {
                new { key = "now", weight = 0.4 }, new { key = "fixed", weight = 0.2, option = "free-shipping" }, new { key = "softer", weight = 0.2, policy = new { kind = "softmax", temperature = 0.1 } },
                new { key = "before", weight = 0.2, blueprintVersion = 1 },
            },
        }, new { unit = "tester", arm = "fixed" });
        return point;
    }

    /// <returns>The id of the experiment, whose key is <c>trial</c>.</returns>
    public static async Task<string> StartAsync(LooperApp app, string key, object plan, params object[] testers)
    {
        using var engineer = await app.SignedInAsync();
        using var created = await engineer.PostAsJsonAsync("/api/experiments", new { decisionPoint = key, key = "trial", name = "Trial", plan });
        Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync());
        var id = (string)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        if (testers.Length > 0)
        {
            using var set = await engineer.PutAsJsonAsync($"/api/experiments/{id}/testers", new { testers });
            Assert.True(set.IsSuccessStatusCode, await set.Content.ReadAsStringAsync());
        }
        using var started = await engineer.PostAsJsonAsync($"/api/experiments/{id}/start", new { reason = "agreed" });
        Assert.True(started.IsSuccessStatusCode, await started.Content.ReadAsStringAsync());
        await app.Get<SnapshotRefresher>().RefreshAsync(default);
        return id;
    }

    /// <summary>A further version and a running experiment straight in the tables, as another node leaves them: nobody here is told.</summary>
    public static async Task PublishUnseenAsync(this LooperApp app, Guid point, string key, string experiment)
    {
        await using var db = await app.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var content = BlueprintJson.Write(ServedApp.Banner with { Default = "ten-percent" });
        var stored = await db.Set<DecisionPoint>().SingleAsync(p => p.Key == key);
        stored.CurrentVersion++;
        db.Add(new Blueprint { Id = app.Get<Ids>().Next(), DecisionPointId = point, Version = stored.CurrentVersion, Content = content, Hash = BlueprintJson.Hash(content), PublishedBy = "test" });
        db.Add(new Experiment
        {
            Id = app.Get<Ids>().Next(), Key = experiment, DecisionPointId = point, State = ExperimentState.Running, StartedAt = app.Get<TimeProvider>().GetUtcNow(),
            Plan = ExperimentJson.Write(new ExperimentPlan { Arms = [new("a", 0.5) { Option = "none" }, new("b", 0.5) { Option = "ten-percent" }] }),
        });
        await db.SaveChangesAsync();
    }

    /// <summary>What a unit comes with: usual contexts, and each kind of unusual one. Null for none.</summary>
    public static string? ContextOf(int i) => (i % 13) switch
    {
        0 => null,
        1 => "[1]",
        2 => """{"country":"\u004eL","cartValue":5.0,"device":{"os":"ios"}}""",
        3 => """{"cartValue":"much","interests":["sport","news","sport"],"sentAt":"2026-11-22T11:30:00+01:00"}""",
        _ => $$"""{"country":"{{(i % 3 == 0 ? "NL" : "DE")}}","cartValue":{{i % 97}},"device.os":"android","interests":["news"],"unknown":{"a":1} }""",
    };
}

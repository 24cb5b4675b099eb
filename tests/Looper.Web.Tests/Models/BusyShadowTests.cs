using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Models;

/// <summary>More is decided within a window than a look compares: of twenty places, 1,000 decisions.</summary>
public sealed class BusyShadowTests
{
    private static readonly BlueprintContent s_feed = new()
    {
        Shape = DecisionShape.Ranking, Positions = 20, Default = DecisionShapes.AsSent, Features = [new("country", FeatureKind.Category)],
        CandidateFeatures = [new("price", FeatureKind.Number)], Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(5) }],
        Goal = new() { Terms = [new("purchase")] }, Policy = new AsSentPolicy(), Training = new() { Gate = new() { ShadowDecisions = 2_100 } },
    };

    private static readonly byte[] s_artefact = Artefact.Write(new([new("price", ColumnKind.Number, []), new("embedding[0]", ColumnKind.Number, []), new("embedding[1]", ColumnKind.Number, [])],
        new TreeEnsemble(Objective.Squared, [0.5], [], [default, default, default])));

    [Fact]
    public async Task A_shadow_ends_although_everything_newest_is_still_open()
    {
        var clock = new TestClock();
        await using var looper = new LooperApp(services: services => services.AddSingleton<TimeProvider>(clock));
        var point = await looper.PublishAsync("feed", s_feed);
        await looper.AddModelAsync(point, 1, ModelState.Live, artefact: s_artefact);
        await looper.AddModelAsync(point, 2, ModelState.Shadow, comparedWith: 1, artefact: s_artefact);
        var app = await looper.WithKeyAsync();
        await RankAsync(app, 0, 1_090);
        clock.Turn(TimeSpan.FromMinutes(10));
        await RankAsync(app, 1_090, 1_000);
        Assert.Equal(0, await looper.Get<ShadowReview>().CheckAsync(default)); // 2,090 of 2,100
        await RankAsync(app, 2_090, 20);
        Assert.Equal(1, await looper.Get<ShadowReview>().CheckAsync(default));
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var model = await db.Set<Model>().SingleAsync(m => m.Number == 2);
        Assert.Equal(ModelState.Live, model.State);
        using var shadow = JsonDocument.Parse(model.Shadow);
        Assert.Equal((2_110, 2_000), (shadow.RootElement.GetProperty("decisions").GetInt32(), shadow.RootElement.GetProperty("closed").GetInt32()));

        // the candidate that was answered first is part of a recent row, and a vector is one feature of two models
        var recent = (await looper.Get<RecentRows>().NewestAsync(Caller.System, "feed", 2, default)).Value!;
        Assert.Equal("7", recent.Values["price"]);
        var (a, b) = ((await looper.Get<ModelQueries>().FindAsync(Caller.System, "feed", 1, default)).Value!, (await looper.Get<ModelQueries>().FindAsync(Caller.System, "feed", 2, default)).Value!);
        Assert.Equal(["price", "embedding"], ModelComparisonView.Of(a, b).Features.Select(f => f.Feature));
    }

    [Fact]
    public async Task Personal_lists_are_typed_as_lists()
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", LiveModels.Banner with { Features = [new("tags", FeatureKind.Tags) { IsPersonal = true }, new("embedding", FeatureKind.Vector) { Dimension = 2, IsPersonal = true }] });
        string[] names = ["tags", "tags[a]", "tags[b]", "embedding[0]", "embedding[1]"];
        await looper.AddModelAsync(point, 1, ModelState.Live, artefact: Artefact.Write(new(
            [.. names.Select(n => new Column(n, ColumnKind.Number, []))], new TreeEnsemble(Objective.Squared, [0.5], [], [.. names.Select(_ => default(System.Collections.Immutable.ImmutableArray<short>))]))));
        var model = (await looper.Get<ModelQueries>().FindAsync(Caller.System, "banner", 1, default)).Value!;
        Assert.Equal([("tags", true, false), ("embedding", false, true)], model.Typed.Select(f => (f.Name, f.IsTags, f.IsVector)));
        Assert.Equal(["tags"], model.Columns.Select(c => c.Name)); // no tag of anybody is shown
    }

    private static async Task RankAsync(HttpClient app, int from, int count)
    {
        for (var done = 0; done < count; done += 500)
        {
            await app.OkAsync("/v1/decisions/batch", JsonSerializer.Serialize(new
            {
                items = Enumerable.Range(from + done, Math.Min(500, count - done)).Select(i => new
                {
                    decisionPoint = "feed", unit = $"u-{i}", decisionId = $"d-{i}", context = new { country = "NL" },
                    candidates = new[] { new { id = "a", features = new { price = 7 } }, new { id = "b", features = new { price = 3 } } },
                }),
            }));
        }
    }
}

using Looper.Core;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Web.Hosting;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Models;

/// <summary>A decision point that answers by its model, and models put in the tables by hand.</summary>
internal static class LiveModels
{
    public static readonly BlueprintContent Banner = ServedApp.Banner with
    {
        Policy = new BestPolicy(),
        Outcomes = [new("purchase", OutcomeKind.Boolean) { Absent = null }],
        Training = new() { SearchSeconds = 1, Gate = new() { ShadowDecisions = 100 } },
    };

    /// <summary>A model that predicts one number for every option, in this state.</summary>
    public static async Task AddModelAsync(this LooperApp app, Guid point, int number, ModelState state, int? comparedWith = null, byte[]? artefact = null, string profile = "{}", int version = 1, string metrics = "{}")
    {
        var now = app.Get<TimeProvider>().GetUtcNow();
        await using var db = await app.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        db.Add(new Model
        {
            Id = app.Get<Ids>().Next(), DecisionPointId = point, Number = number, Outcome = "purchase", State = state, BlueprintVersion = version, Metrics = metrics, Family = "trees", TrainedAt = now,
            DataFrom = now, DataUntil = now, Profile = profile, ShadowedAt = state == ModelState.Shadow ? now : null, PromotedAt = state == ModelState.Live ? now : null,
            Artefact = artefact ?? Artefact.Write(new([new("@option", ColumnKind.Category, ["none", "ten-percent", "free-shipping"])], new TreeEnsemble(Objective.Squared, [0.5], [], [[0, 1, 2]]))),
        });
        if (comparedWith is { } live)
            db.Add(new GateDecision { Id = app.Get<Ids>().Next(), DecisionPointId = point, Outcome = "purchase", ModelNumber = number, LiveNumber = live, At = now, Stage = GateStage.Training, Verdict = GateVerdict.Shadowed, DecidedBy = "rule" });
        await db.SaveChangesAsync();
        await app.Get<SnapshotRefresher>().RefreshAsync(default);
    }

    /// <summary>Changes a stored model past every rule, and lets serving look again.</summary>
    public static async Task ChangeModelAsync(this LooperApp app, int number, Action<Model> change)
    {
        await using var db = await app.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        change(await db.Set<Model>().SingleAsync(m => m.Number == number));
        await db.SaveChangesAsync();
        await app.Get<SnapshotRefresher>().RefreshAsync(default);
    }

    /// <summary>Decides for units of a country, and reports a purchase for those that <paramref name="buys"/> picks.</summary>
    public static async Task DecideAsync(this HttpClient app, int from, int count, Func<int, string> country, Func<int, bool>? buys = null)
    {
        var units = Enumerable.Range(from, count).ToArray();
        await app.OkAsync("/v1/decisions/batch", System.Text.Json.JsonSerializer.Serialize(new
        {
            items = units.Select(i => new { decisionPoint = "banner", unit = $"u-{i}", decisionId = $"d-{i}", context = new { country = country(i), cartValue = i % 97 } }),
        }));
        if (buys is null) return;
        using var observed = await app.SendAsync("/v1/observations/batch", System.Text.Json.JsonSerializer.Serialize(new
        {
            items = units.Select(i => new { decisionId = $"d-{i}", outcomes = new { purchase = buys(i) } }),
        }));
        Assert.True(observed.IsSuccessStatusCode, await observed.Content.ReadAsStringAsync());
    }
}

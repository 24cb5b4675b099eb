using Looper.Core;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Persistence;
using Looper.Core.Personalization;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Access;

/// <summary>The routes of effects: asked for on an experiment without data, read from effects that stand in the database.</summary>
internal static class AuditedEffects
{
    public static async Task CallAsync(LooperApp looper, AuditedCalls calls, Guid experiment)
    {
        await calls.DoAsync("POST /api/experiments/{id:guid}/effects/", $"/api/experiments/{experiment}/effects", new { });
        var id = await StoredAsync(looper, experiment);
        await calls.DoAsync("POST /api/effects/{id:guid}/policy", $"/api/effects/{id}/policy", new { });
        var draft = (await calls.DoAsync("POST /api/effects/{id:guid}/policy-draft", $"/api/effects/{id}/policy-draft", new { }))!["id"];
        await calls.DoAsync("DELETE /api/drafts/{id:guid}", $"/api/drafts/{draft}");
    }

    private static async Task<Guid> StoredAsync(LooperApp looper, Guid experiment)
    {
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var options = BlueprintJson.Stored((await db.Set<Core.Decisions.Blueprint>().FirstAsync()).Content).Options;
        double[] zeros = [0, 0, 0, 0];
        var units = new RuleUnits(new([new Column("x", ColumnKind.Number, [])], [[1, 2, 3, 4]], zeros), [], [true, true, false, false], [zeros, [1, 1, 1, 1]], [zeros, zeros]);
        var content = new EffectContent
        {
            Settings = new()
            {
                Input = new(experiment, "clicked", "auto", 1), Experiment = "first", DecisionPoint = "banner", BlueprintVersion = 1, DataUntil = DateTimeOffset.UnixEpoch, Definition = "clicked per unit",
                IsRate = true, LowerIsBetter = false, Propensities = "the shares that the plan gave the arms", Features = ["x"],
            },
            Arms = [.. options.Take(2).Select(o => new ArmUnits(o.Key, $"always {o.Key}", o.Key, 0.5, 2, 0, 0, 0.5) { Compared = true })],
            Effects = [],
        };
        var report = EffectReport.Of(looper.Get<Ids>().Next(), looper.Get<Ids>().Next(), "test", DateTimeOffset.UnixEpoch, content, units);
        db.Add(report);
        await db.SaveChangesAsync();
        return report.Id;
    }
}

using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Bandits;

/// <summary>A bandit that decides now.</summary>
/// <param name="Key">Of its decision point.</param>
/// <param name="Arm">Null where it is the policy of the current version.</param>
internal sealed record ServingBandit(Guid DecisionPointId, string Key, BanditArm? Arm);

internal static class ServingBandits
{
    /// <summary>Those of decision points, and those that may be arms of running experiments: whether the version that an arm names is a bandit shows when it is read.</summary>
    public static async Task<List<ServingBandit>> ReadAsync(LooperDb db, CancellationToken cancel)
    {
        var own = await db.Set<DecisionPoint>().AsNoTracking().Where(p => !p.IsArchived && p.CurrentVersion > 0)
            .Join(db.Set<Blueprint>(), p => new { p.Id, Version = p.CurrentVersion }, b => new { Id = b.DecisionPointId, b.Version }, (p, b) => new { p.Id, p.Key, b.Content })
            .Where(p => p.Content.Contains("\"bandit\"")).ToListAsync(cancel);
        var running = await db.Set<Experiment>().AsNoTracking().Where(e => e.State == ExperimentState.Running)
            .Join(db.Set<DecisionPoint>().Where(p => !p.IsArchived && p.CurrentVersion > 0), e => e.DecisionPointId, p => p.Id, (e, p) => new { e.Id, e.Plan, e.StartedAt, Point = p.Id, PointKey = p.Key })
            .ToListAsync(cancel);
        return
        [
            .. own.Select(p => new ServingBandit(p.Id, p.Key, null)),
            .. running.SelectMany(e => ArmsOf(e.Id, e.Plan, e.StartedAt), (e, arm) => new ServingBandit(e.Point, e.PointKey, arm)),
        ];
    }

    private static IEnumerable<BanditArm> ArmsOf(Guid id, string plan, DateTimeOffset? since)
    {
        try
        {
            return [.. ExperimentJson.ReadPlan(plan).Arms.Select((arm, i) => new BanditArm(id, i, arm) { Since = since }).Where(a => a.Arm.Policy is BanditPolicy || a.Arm.BlueprintVersion is not null)];
        }
        catch (JsonException)
        {
            return []; // it cannot be served either, and its decision point says so
        }
    }
}

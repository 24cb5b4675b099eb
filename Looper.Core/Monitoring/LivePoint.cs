using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Monitoring;

/// <summary>A decision point with its current blueprint, and where each of its live models learned.</summary>
/// <param name="Live">Numbers of all live models.</param>
/// <param name="Models">Live ones whose outcome the blueprint still has, and that kept their profile.</param>
internal sealed record LivePoint(Guid Id, string Key, int Version, BlueprintContent Current, VersionTable Versions, ImmutableArray<int> Live, ImmutableArray<LiveProfile> Models)
{
    /// <summary>What is served now is that of the last day.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromDays(1);

    /// <returns>Null when there is no such decision point, or nothing is published.</returns>
    public static async Task<LivePoint?> FindAsync(LooperDb db, Guid id, CancellationToken cancel)
    {
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, cancel);
        if (point is not { CurrentVersion: > 0 }) return null;
        var live = await db.Set<Model>().AsNoTracking().Where(m => m.DecisionPointId == id && m.State == ModelState.Live)
            .Select(m => new { m.Number, m.Outcome, m.DataUntil, m.Profile }).ToListAsync(cancel);
        var stored = await StoredVersions.ReadAsync(db, id, cancel);
        var (contents, current) = (stored.Contents, stored.Of(point.CurrentVersion));
        var models = ImmutableArray.CreateBuilder<LiveProfile>();
        foreach (var model in live)
        {
            if (current.Outcomes.FirstOrDefault(o => o.Name == model.Outcome) is not { } outcome || ModelJson.Read<ServedProfile>(model.Profile) is not { } profile) continue;
            models.Add(new(model.Number, outcome, model.DataUntil, profile));
        }
        return new(id, point.Key, point.CurrentVersion, current, new(current, contents), [.. live.Select(m => m.Number)], models.ToImmutable());
    }
}

/// <param name="LearnedUntil">What it learned from cannot have moved away from itself.</param>
/// <param name="Then">How features and the outcome were spread there.</param>
internal sealed record LiveProfile(int Number, Outcome Outcome, DateTimeOffset LearnedUntil, ServedProfile Then)
{
    public DateTimeOffset Since(DateTimeOffset moment) => moment > LearnedUntil ? moment : LearnedUntil;
}

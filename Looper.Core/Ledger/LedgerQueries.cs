using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Costs;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Looper.Core.Policies;
using Looper.Core.Runs;
using Looper.Core.Statistics;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Ledger;

/// <summary>Reads what decision points have brought.</summary>
public sealed class LedgerQueries(IDbContextFactory<LooperDb> databases, CostQueries costs)
{
    /// <summary>Every decision point that has been published, archived ones with a gain among them.</summary>
    public async Task<Answered<LedgerOverview>> ListAsync(Caller caller, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var points = await db.Set<DecisionPoint>().AsNoTracking().Where(p => p.CurrentVersion > 0).OrderBy(p => p.Name).ThenBy(p => p.Key).ToListAsync(cancel);
        var cleared = await Clearings.ReadAsync(db, cancel);
        var keys = points.ToDictionary(p => p.Id, p => p.Key);
        var entries = (await db.Set<LedgerEntry>().Select(e => new { e.DecisionPointId, e.MeasuredAt, e.Content }).ToListAsync(cancel))
            .Where(e => keys.TryGetValue(e.DecisionPointId, out var key) && !(cleared.TryGetValue(key, out var at) && at >= e.MeasuredAt)).ToDictionary(e => e.DecisionPointId, e => e.Content);
        var runs = await OpenRunsAsync(db, cancel);
        var spent = await costs.AllAsync(db, cancel);
        ImmutableArray<LedgerView> views = [.. points.Where(p => !p.IsArchived || entries.ContainsKey(p.Id)).Select(p => View(p, entries.GetValueOrDefault(p.Id) is { } content ? PolicyJson.Read<Gain>(content) : null, runs, spent))];
        return new LedgerOverview(views, [.. Totals(views)]);
    }

    public async Task<Answered<LedgerView>> FindAsync(Caller caller, string key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { } point) return DecisionPointActions.Unknown(key);
        var entry = await db.Set<LedgerEntry>().AsNoTracking().SingleOrDefaultAsync(e => e.DecisionPointId == point.Id, cancel);
        if (entry is not null && await Clearings.LastAsync(db, key, cancel) >= entry.MeasuredAt) entry = null;
        return View(point, entry?.Gain(), await OpenRunsAsync(db, cancel), await costs.AllAsync(db, cancel));
    }

    internal static IEnumerable<LedgerTotal> Totals(ImmutableArray<LedgerView> views) => views
        .Where(v => v.Gain is { IsMeasured: true })
        .GroupBy(v => (v.Gain!.Goal, v.Gain.UnitOfMeasure, v.Gain.IsRate, v.Gain.LowerIsBetter, v.IsSimulated, Own: v.Gain.IsWeighted ? v.DecisionPoint : null))
        .Select(alike => Total(alike.Key.Goal, [.. alike]));

    private static LedgerTotal Total(string goal, ImmutableArray<LedgerView> alike)
    {
        var (first, gains) = (alike[0], alike.Select(v => v.Gain!).ToList());
        var se = Math.Sqrt(gains.Sum(g => g.Total.StandardError * g.Total.StandardError));
        var value = gains.Sum(g => g.Total.Value);
        var half = TailProbability.NormalQuantile((1 + Gain.Level) / 2) * se;
        return new(
            goal, first.Gain!.UnitOfMeasure, first.Gain.LowerIsBetter, first.IsSimulated, [.. alike.Select(v => v.DecisionPoint)],
            alike.Length == 1 ? first.Gain.Total : new(value, se, value - half, value + half), gains.Sum(g => g.Decisions), gains.Min(g => g.Since!.Value))
        {
            Assumes = GainWords.Assumed(alike.Length),
        };
    }

    private static async Task<Dictionary<Guid, Guid>> OpenRunsAsync(LooperDb db, CancellationToken cancel)
    {
        var open = await db.Set<JobRun>().AsNoTracking()
            .Where(r => r.Kind == JobKinds.MeasureGain && r.DecisionPointId != null && (r.State == JobState.Queued || r.State == JobState.Running || r.State == JobState.Cancelling))
            .Select(r => new { r.Id, r.DecisionPointId }).ToListAsync(cancel);
        return open.GroupBy(r => r.DecisionPointId!.Value).ToDictionary(r => r.Key, r => r.First().Id);
    }

    private static LedgerView View(DecisionPoint point, Gain? gain, Dictionary<Guid, Guid> runs, CostOverview spent) =>
        new(point.Key, point.Name, point.IsSimulated, gain, gain is null ? GainWords.NotYet : gain.WhyNot, runs.TryGetValue(point.Id, out var run) ? run : null)
        {
            Money = gain is null ? null : GainMoneys.Of(point.Key, gain, spent),
        };
}

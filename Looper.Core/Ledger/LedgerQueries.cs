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
    /// <param name="tellsMoney">Also what gains come to in money, for which costs are read.</param>
    public async Task<Answered<LedgerOverview>> ListAsync(Caller caller, CancellationToken cancel, bool tellsMoney = true)
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
        List<(DecisionPoint Point, Gain? Gain)> listed = [.. points.Where(p => !p.IsArchived || entries.ContainsKey(p.Id)).Select(p => (p, entries.GetValueOrDefault(p.Id) is { } content ? PolicyJson.Read<Gain>(content) : null))];
        var money = tellsMoney ? await MoneyAsync(db, listed, cancel) : [];
        ImmutableArray<LedgerView> views = [.. listed.Select(l => View(l.Point, l.Gain, runs, money))];
        return new LedgerOverview(views, [.. Totals(views)]);
    }

    public async Task<Answered<LedgerView>> FindAsync(Caller caller, string key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { } point) return DecisionPointActions.Unknown(key);
        var entry = await db.Set<LedgerEntry>().Where(e => e.DecisionPointId == point.Id).Select(e => new { e.MeasuredAt, e.Content, e.Course }).SingleOrDefaultAsync(cancel);
        if (entry is not null && await Clearings.LastAsync(db, key, cancel) >= entry.MeasuredAt) entry = null;
        var gain = entry is null ? null : LedgerEntry.GainOf(entry.Content, entry.Course);
        return View(point, gain, await OpenRunsAsync(db, cancel), await MoneyAsync(db, [(point, gain)], cancel));
    }

    // Costs are read for those alone whose gain can be told in money, over the time of that gain.
    private async Task<Dictionary<Guid, GainMoney>> MoneyAsync(LooperDb db, List<(DecisionPoint Point, Gain? Gain)> listed, CancellationToken cancel)
    {
        var (prices, money) = (await PriceSettings.ReadAsync(db, cancel), new Dictionary<Guid, GainMoney>());
        foreach (var (point, gain) in listed)
        {
            if (gain is not { IsMeasured: true, Since: { } since, Until: { } until } || GainMoneys.Each(point.Key, gain, prices) is not { } each) continue;
            var spent = await costs.OfAsync(db, point.Id, DateOnly.FromDateTime(since.UtcDateTime), DateOnly.FromDateTime(until.UtcDateTime), cancel);
            money.Add(point.Id, GainMoneys.Of(gain, each, prices.Currency, spent));
        }
        return money;
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

    private static LedgerView View(DecisionPoint point, Gain? gain, Dictionary<Guid, Guid> runs, Dictionary<Guid, GainMoney> money) =>
        new(point.Key, point.Name, point.IsSimulated, gain, gain is null ? GainWords.NotYet : gain.WhyNot, runs.TryGetValue(point.Id, out var run) ? run : null)
        {
            Money = money.GetValueOrDefault(point.Id),
        };
}

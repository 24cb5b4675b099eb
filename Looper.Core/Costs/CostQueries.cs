using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Retention;
using Looper.Core.Events;
using Looper.Core.Metering;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Costs;

/// <summary>Reads what decision points took, in processor time, in bytes, and in money where there are prices.</summary>
public sealed class CostQueries(IDbContextFactory<LooperDb> databases, EventActivity activity, Retentions retentions, TimeProvider clock)
{
    /// <summary>Three years: of a thousand decision points these are some four million rows.</summary>
    public const int MostDays = 1_096;

    public const int PresetDays = 30;

    /// <param name="from">First day, UTC; null for <see cref="PresetDays"/> before the last.</param>
    /// <param name="until">Last day; null for today.</param>
    public async Task<Answered<CostOverview>> ListAsync(Caller caller, DateOnly? from, DateOnly? until, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        var last = until ?? Today;
        var first = from ?? last.AddDays(1 - Math.Min(PresetDays, last.DayNumber));
        if (first > last) return new Refusal("costs.invalid", $"From: {first:yyyy-MM-dd} is after {last:yyyy-MM-dd}. Give an earlier day.", "from");
        if (last.DayNumber - first.DayNumber >= MostDays) return new Refusal("costs.invalid", $"From: {first:yyyy-MM-dd} to {last:yyyy-MM-dd} is more than {MostDays:N0} days. Give a later day, and ask for each part of a longer time by itself.", "from");
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await ReadAsync(db, null, first, last, cancel);
    }

    /// <summary>Of one decision point, over some days, of which those before anything was counted have nothing.</summary>
    internal Task<CostOverview> OfAsync(LooperDb db, Guid point, DateOnly from, DateOnly until, CancellationToken cancel) => ReadAsync(db, [point], from, until, cancel);

    private DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    private static async Task<DateOnly?> SinceAsync(LooperDb db, CancellationToken cancel) => await db.Set<WorkDay>().MinAsync(w => (DateOnly?)w.Day, cancel);

    private async Task<CostOverview> ReadAsync(LooperDb db, IReadOnlyCollection<Guid>? only, DateOnly from, DateOnly until, CancellationToken cancel)
    {
        var prices = await PriceSettings.ReadAsync(db, cancel);
        var plan = await retentions.ReadAsync(cancel);
        var oldest = from.AddDays(-Math.Min(plan.LongestDays, from.DayNumber)); // what was written before is kept by nobody
        var (ofPoints, ofDays) = (db.Set<DecisionPoint>().AsNoTracking(), db.Set<WorkDay>().AsNoTracking());
        if (only is not null) (ofPoints, ofDays) = (ofPoints.Where(p => only.Contains(p.Id)), ofDays.Where(w => only.Contains(w.DecisionPointId)));
        var points = await ofPoints.OrderBy(p => p.Name).ThenBy(p => p.Key).ToListAsync(cancel);
        var features = await FeatureCosts.ReadAsync(db, [.. points.Select(p => p.Id)], cancel);
        var days = plan.Points.ToDictionary(p => p.Id, p => p.EffectiveDays(plan.Days));
        var kept = points.ToDictionary(p => p.Id, p => new KeptBytes(FirstOf(p.Id), days.GetValueOrDefault(p.Id, plan.Days)));
        var costs = new Dictionary<Guid, PointCost>();
        var weeks = new SortedDictionary<DateOnly, PointCost>();
        var process = 0.0;
        // One row after the other: those of a thousand decision points would fill the memory.
        var rows = ofDays.Where(w => w.Day <= until && (w.Day >= from || (w.Day >= oldest && w.Bytes > 0))).OrderBy(w => w.Day).AsAsyncEnumerable();
        await foreach (var row in rows.WithCancellation(cancel))
        {
            if (row.Bytes > 0 && kept.TryGetValue(row.DecisionPointId, out var own)) own.Write(row.Day, row.Bytes);
            if (row.Day < from) continue;
            if (row.Kind == WorkKind.Process) process += row.Nanoseconds / 1e9;
            else if (row.DecisionPointId != WorkMeter.Shared)
            {
                var perThousand = features.PerThousand(row.DecisionPointId, row.Day);
                Of(costs, kept.ContainsKey(row.DecisionPointId) ? row.DecisionPointId : Guid.Empty).Add(row, perThousand);
                Of(weeks, WeekOf(row.Day, from)).Add(row, perThousand);
            }
        }
        foreach (var point in points)
        {
            for (var day = from; day <= until && day <= Today; day = day.AddDays(1))
            {
                var one = kept[point.Id].GigabyteMonths(day);
                if (one <= 0) continue;
                Of(costs, point.Id).Keep(one); // also where nothing was decided in the time
                Of(weeks, WeekOf(day, from)).Keep(one);
            }
        }
        return new(
            from, until, await SinceAsync(db, cancel), prices, process,
            [
                .. points.Where(p => costs.ContainsKey(p.Id)).Select(p => View(p.Key, p.Name, p.IsSimulated, costs[p.Id], kept[p.Id].On(until), features.PerThousand(p.Id, until), prices)),
                .. costs.Where(c => c.Key == Guid.Empty).Select(c => View(null, "Decision points that are gone", false, c.Value, 0, null, prices)),
            ],
            [.. weeks.Select(w => new CostWeek(w.Key, w.Value.Seconds, w.Value.Amounts(prices)))]);
    }

    private DateOnly? FirstOf(Guid point) => activity.Of(point).FirstDecisionAt is { } at ? DateOnly.FromDateTime(at.UtcDateTime) : null;

    private static DateOnly WeekOf(DateOnly day, DateOnly from) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)) is var monday && monday < from ? from : monday;

    private static PointCost Of<TKey>(IDictionary<TKey, PointCost> all, TKey key) where TKey : notnull => all.TryGetValue(key, out var one) ? one : all[key] = new();

    private static CostView View(string? key, string name, bool isSimulated, PointCost cost, double stored, double? perThousand, Prices prices) => new(
        key, name, isSimulated, cost.Decisions, cost.Outcomes, cost.Bytes, stored, cost.GigabyteMonths, perThousand, cost.Seconds, cost.Amounts(prices));
}

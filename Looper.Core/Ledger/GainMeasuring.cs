using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Retention;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Policies;
using Looper.Core.Statistics;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Ledger;

/// <summary>Measures what decision points have brought, from all of their decisions that are kept, and stores it.</summary>
public sealed class GainMeasuring(
    IDbContextFactory<LooperDb> databases, ExampleReader examples, EventActivity activity, Retentions retentions, Ids ids, ChangeFeed changes, TimeProvider clock)
{
    private const int Sample = 1_000;
    private static readonly TimeSpan s_every = TimeSpan.FromHours(20);

    /// <summary>Units that are told apart at once; of more, a part at a time.</summary>
    public int MostUnits { get; init; } = 4_000_000;

    /// <summary>Measures every decision point that has not been for most of a day. One that cannot be read keeps none of the others back.</summary>
    /// <returns>How many were measured.</returns>
    /// <exception cref="AggregateException">What failed, after all have been looked at.</exception>
    public async Task<int> CheckAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var before = clock.GetUtcNow() - s_every;
        var recent = await db.Set<LedgerEntry>().Where(e => e.MeasuredAt > before).Select(e => e.DecisionPointId).ToListAsync(cancel);
        var due = await db.Set<DecisionPoint>().Where(p => p.CurrentVersion > 0 && !p.IsArchived && !recent.Contains(p.Id)).Select(p => p.Id).ToListAsync(cancel);
        return await OneByOne.DoAsync(due.Where(p => activity.Of(p).Decisions > 0), id => $"The gain of decision point {id}", async id =>
        {
            if (await ReadableAsync(id, cancel) is not { } gain) return false;
            await using var own = await databases.CreateDbContextAsync(cancel);
            await KeepAsync(own, id, gain, cancel);
            await own.SaveChangesAsync(cancel);
            changes.Announce(ChangeKind.Report, id);
            return true;
        });
    }

    // The alert says so, and what was measured before stays.
    private async Task<Gain?> ReadableAsync(Guid id, CancellationToken cancel)
    {
        try
        {
            return await MeasureAsync(id, _ => { }, cancel);
        }
        catch (UnreadableVersionException)
        {
            return null;
        }
    }

    /// <summary>Puts a measurement in the place of the one before; saved by the caller.</summary>
    public async Task KeepAsync(LooperDb db, Guid point, Gain gain, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(gain);
        var entry = await db.Set<LedgerEntry>().SingleOrDefaultAsync(e => e.DecisionPointId == point, cancel);
        if (entry is null) db.Add(entry = new() { Id = ids.Next(), DecisionPointId = point });
        entry.Measured(gain);
    }

    /// <param name="report">Told of the part that is done, from 0 to 1.</param>
    public async Task<Gain> MeasureAsync(Guid pointId, Action<double> report, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(report);
        await using var db = await databases.CreateDbContextAsync(cancel);
        var now = clock.GetUtcNow();
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == pointId, cancel);
        var content = await StoredVersions.ServedAsync(db, pointId, point.CurrentVersion, cancel);
        var goal = GoalReward.Of(content);
        if (goal.Value is not { } reward) return new() { Method = HeldOutGain.Method, MeasuredAt = now, Goal = "", WhyNot = goal.Refusal!.Reason };
        var published = await db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == pointId).OrderBy(b => b.Version).Select(b => new { b.Version, b.PublishedAt, b.Content }).ToListAsync(cancel);
        var lots = new HeldOutLots(point.Salt, published.Select(b => (b.Version, b.PublishedAt, BlueprintJson.Readable(b.Content))), reward, await TakingAsync(db, pointId, cancel));
        var before = await db.Set<LedgerEntry>().AsNoTracking().SingleOrDefaultAsync(e => e.DecisionPointId == pointId, cancel);
        var start = new Gain
        {
            Method = HeldOutGain.Method, MeasuredAt = now, Goal = reward.Name, IsWeighted = reward.Needed > 1, UnitOfMeasure = reward.UnitOfMeasure, IsRate = reward.IsRate, LowerIsBetter = reward.LowerIsBetter,
        };
        var carried = before is null ? null : CarriedGains.Of(before.Gain(), start, await KeptSinceAsync(point, now, cancel), activity.Of(pointId).FirstDecisionAt);
        var query = new ExampleQuery(pointId, reward.Outcomes[..reward.Needed]) { AsOf = now, ClosedOnly = true, From = carried?.Gain.Until };
        var (count, shift) = await CountAsync(query, lots, reward, report, cancel);
        var gain = CountedGain.Of(start, count, shift) with { Launches = [.. published.Select(b => new GainLaunch(b.Version, b.PublishedAt))] };
        return carried is null ? gain : CarriedGains.Add(carried, gain);
    }

    private async Task<DateTimeOffset> KeptSinceAsync(DecisionPoint point, DateTimeOffset now, CancellationToken cancel)
    {
        var plan = await retentions.ReadAsync(cancel);
        return now - TimeSpan.FromDays(plan.Points.First(p => p.Id == point.Id).EffectiveDays(plan.Days) - 1); // a day's grace: it goes on while this reads
    }

    private async Task<(IReadOnlyList<GainCount> Parts, double Shift)> CountAsync(ExampleQuery query, HeldOutLots lots, GoalReward reward, Action<double> report, CancellationToken cancel)
    {
        var shift = reward.IsRate ? 0 : await MeanAsync(query, lots, reward, cancel);
        for (var parts = 1; ; parts *= 4)
        {
            var counts = new List<GainCount>();
            for (var part = 0; part < parts; part++)
            {
                var count = new GainCount(lots, reward, shift, part, parts);
                if (!await ReadAsync(query, count, done => report((part + done) / parts), cancel)) break;
                counts.Add(count);
            }
            if (counts.Count == parts) return (counts, shift);
        }
    }

    // Known roughly is enough: it only keeps sums of squares from being lost beside a mean far from zero.
    private async Task<double> MeanAsync(ExampleQuery query, HeldOutLots lots, GoalReward reward, CancellationToken cancel)
    {
        var (count, sum, n) = (new GainCount(lots, reward, 0, 0, 1), 0.0, 0);
        await foreach (var example in examples.ReadAsync(query with { Newest = Sample }, cancel))
        {
            if (count.ValueOf(example) is not double.NaN and var value) (sum, n) = (sum + value, n + 1);
        }
        return n == 0 ? 0 : sum / n;
    }

    private async Task<bool> ReadAsync(ExampleQuery query, GainCount count, Action<double> report, CancellationToken cancel)
    {
        DateTimeOffset? day = null;
        var first = default(DateTimeOffset);
        await foreach (var example in examples.ReadAsync(query, cancel))
        {
            var at = example.Decision.Time;
            var end = new DateTimeOffset(at.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);
            if (day is null) first = at;
            else if (end != day)
            {
                count.EndDay(day.Value);
                report((at - first) / (query.AsOf!.Value - first));
            }
            day = end;
            count.Add(example);
            if (count.Units > MostUnits) return false;
        }
        if (day is { } last) count.EndDay(last);
        return true;
    }

    private static async Task<ImmutableArray<TakingUnits>> TakingAsync(LooperDb db, Guid point, CancellationToken cancel)
    {
        var rows = await db.Set<Experiment>().AsNoTracking().Where(e => e.DecisionPointId == point && e.StartedAt != null && !e.IsImported)
            .Select(e => new { e.Key, e.Plan, e.StartedAt, e.StoppedAt }).ToListAsync(cancel);
        return [.. rows.Select(e => new TakingUnits(e.Key, ExperimentJson.ReadPlan(e.Plan).Holdout, e.StartedAt!.Value, e.StoppedAt))];
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Retention;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Metering;
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
    private static readonly TimeSpan s_every = TimeSpan.FromHours(20), s_longest = TimeSpan.FromDays(180);

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
        var due = await db.Set<DecisionPoint>().Where(p => p.CurrentVersion > 0 && !recent.Contains(p.Id)).Select(p => new { p.Id, p.IsArchived }).ToListAsync(cancel);
        // an archived one until the last windows are over
        bool HasNew(Guid id, bool isArchived) => activity.Of(id) is { Decisions: > 0 } done && (!isArchived || done.LastDecisionAt > before - s_longest);
        return await OneByOne.DoAsync(due.Where(p => HasNew(p.Id, p.IsArchived)).Select(p => p.Id), id => $"The gain of decision point {id}", async id =>
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
    private async Task<MeasuredGain?> ReadableAsync(Guid id, CancellationToken cancel)
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

    /// <summary>Puts a measurement in the place of the one before, unless that is newer; saved by the caller.</summary>
    public async Task KeepAsync(LooperDb db, Guid point, MeasuredGain measured, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(measured);
        var entry = await db.Set<LedgerEntry>().SingleOrDefaultAsync(e => e.DecisionPointId == point, cancel);
        if (entry is null) db.Add(entry = new() { Id = ids.Next(), DecisionPointId = point });
        else if (entry.MeasuredAt > measured.Gain.MeasuredAt) return;
        entry.Measured(measured);
    }

    /// <param name="report">Told of the part that is done, from 0 to 1.</param>
    public async Task<MeasuredGain> MeasureAsync(Guid pointId, Action<double> report, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(report);
        using var counted = WorkMeter.For(pointId);
        await using var db = await databases.CreateDbContextAsync(cancel);
        var now = clock.GetUtcNow();
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == pointId, cancel);
        var content = await StoredVersions.ServedAsync(db, pointId, point.CurrentVersion, cancel);
        var goal = GoalReward.Of(content);
        if (goal.Value is not { } reward) return new(new() { Method = HeldOutGain.Method, MeasuredAt = now, Goal = "", WhyNot = goal.Refusal!.Reason }, null);
        var published = await db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == pointId).OrderBy(b => b.Version).Select(b => new { b.Version, b.PublishedAt, b.Content }).ToListAsync(cancel);
        var lots = new HeldOutLots(point.Salt, published.Select(b => (b.Version, b.PublishedAt, BlueprintJson.Readable(b.Content))), reward, await TakingAsync(db, pointId, cancel));
        var (name, before) = (GainMemory.GoalOf(reward, content), await BeforeAsync(db, point, cancel));
        var memory = before?.Remembered() is { } remembered && remembered.Goal == name ? remembered : null;
        var keptSince = await KeptSinceAsync(point, now, cancel) is var since && since > memory?.KeptSince ? since : memory?.KeptSince ?? since;
        var carried = memory?.For(keptSince);
        var query = new ExampleQuery(pointId, reward.Outcomes[..reward.Needed]) { AsOf = now, ClosedOnly = true, From = carried?.Until };
        var (parts, shift) = await CountAsync(query, lots, reward, carried, report, cancel);
        var gain = CountedGain.Of(
            new()
            {
                Method = HeldOutGain.Method, MeasuredAt = now, Goal = reward.Name, IsWeighted = reward.Needed > 1, UnitOfMeasure = reward.UnitOfMeasure, IsRate = reward.IsRate, LowerIsBetter = reward.LowerIsBetter,
            },
            parts, shift) with { Launches = [.. published.Select(b => new GainLaunch(b.Version, b.PublishedAt))] };
        if (carried is { Stretches: { IsEmpty: false } stretches }) gain = gain with { Carried = new(stretches.Min(s => s.From), carried.Until), Course = Joined(before!.Gain().Course, carried.Until, gain.Course) };
        return new(gain, new(name, keptSince, carried, parts[0].First, CountedGain.State(parts, shift, query.EndAt(now))));
    }

    // What was measured before a clearing is of decisions that are gone on purpose.
    private static async Task<LedgerEntry?> BeforeAsync(LooperDb db, DecisionPoint point, CancellationToken cancel)
    {
        var entry = await db.Set<LedgerEntry>().AsNoTracking().SingleOrDefaultAsync(e => e.DecisionPointId == point.Id, cancel);
        return entry is null || await Clearings.LastAsync(db, point.Key, cancel) >= entry.MeasuredAt ? null : entry;
    }

    private static ImmutableArray<GainPoint> Joined(ImmutableArray<GainPoint> before, DateTimeOffset until, ImmutableArray<GainPoint> course)
    {
        var points = before.Where(p => p.Until <= until).Concat(course).ToList();
        while (points.Count > GainCount.MostDays) GainCount.Thin(points);
        return [.. points];
    }

    private async Task<DateTimeOffset> KeptSinceAsync(DecisionPoint point, DateTimeOffset now, CancellationToken cancel)
    {
        var plan = await retentions.ReadAsync(cancel);
        return now - TimeSpan.FromDays(plan.Points.First(p => p.Id == point.Id).EffectiveDays(plan.Days) - 1); // a day's grace: it goes on while this reads
    }

    private async Task<(IReadOnlyList<GainCount> Parts, double Shift)> CountAsync(ExampleQuery query, HeldOutLots lots, GoalReward reward, CountState? carried, Action<double> report, CancellationToken cancel)
    {
        var shift = carried?.Shift ?? (reward.IsRate ? 0 : await MeanAsync(query, lots, reward, cancel));
        for (var parts = 1; ; parts *= 4)
        {
            var counts = new List<GainCount>();
            for (var part = 0; part < parts; part++)
            {
                var count = new GainCount(lots, reward, shift, part, parts, carried);
                if (!await ReadAsync(query, count, done => report((part + done) / parts), cancel)) break;
                count.End();
                counts.Add(count);
            }
            if (counts.Count == parts && AreAlike(counts)) return (counts, shift);
        }
    }

    // Each part is read anew, and an import or a removal may come between: then all is read again.
    private static bool AreAlike(List<GainCount> counts) => counts.TrueForAll(c =>
        c.Course.Select(p => p.Until).SequenceEqual(counts[0].Course.Select(p => p.Until)) && c.Stretches.Select(s => s.Lot).SequenceEqual(counts[0].Stretches.Select(s => s.Lot)));

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
        return [.. rows.Select(e => new TakingUnits(e.Key, HoldoutOf(e.Plan), e.StartedAt!.Value, e.StoppedAt))];
    }

    private static double? HoldoutOf(string plan)
    {
        try
        {
            return ExperimentJson.ReadPlan(plan).Holdout;
        }
        catch (JsonException)
        {
            return null; // such as the work of a later Looper
        }
    }
}

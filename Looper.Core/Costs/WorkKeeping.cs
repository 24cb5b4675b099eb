using Looper.Core.Metering;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Costs;

/// <summary>Adds what this process has worked to the day's rows. What is not added yet when the process is killed is lost: a minute's.</summary>
public sealed class WorkKeeping(IDbContextFactory<LooperDb> databases, WorkMeter meter, Ids ids, TimeProvider clock)
{
    private TimeSpan _counted;

    /// <summary>One call at a time.</summary>
    /// <exception cref="DbUpdateException">Nothing was added; it is in the next call.</exception>
    public async Task KeepAsync(CancellationToken cancel)
    {
        var used = Environment.CpuUsage.TotalTime;
        meter.Add(new(WorkMeter.Shared, WorkKind.Process, (long)(used - _counted).TotalNanoseconds));
        _counted = used;
        var done = meter.Take();
        if (done.IsEmpty) return;
        try
        {
            await AddAsync(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), done, cancel);
        }
        catch
        {
            foreach (var one in done) meter.Add(one);
            throw;
        }
    }

    private async Task AddAsync(DateOnly day, IReadOnlyCollection<WorkDone> done, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        await MakeRowsAsync(day, done, cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        foreach (var one in done.OrderBy(d => d.Point).ThenBy(d => d.Kind)) // every node in this order, or two would wait for each other
        {
            await db.Set<WorkDay>().Where(w => w.Day == day && w.DecisionPointId == one.Point && w.Kind == one.Kind).ExecuteUpdateAsync(
                row => row.SetProperty(w => w.Nanoseconds, w => w.Nanoseconds + one.Nanoseconds).SetProperty(w => w.Decisions, w => w.Decisions + one.Decisions)
                    .SetProperty(w => w.Outcomes, w => w.Outcomes + one.Outcomes).SetProperty(w => w.Bytes, w => w.Bytes + one.Bytes), cancel);
        }
        await transaction.CommitAsync(cancel);
    }

    // Empty ones, so that adding is an update on every node; another may make them first.
    private async Task MakeRowsAsync(DateOnly day, IReadOnlyCollection<WorkDone> done, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var db = await databases.CreateDbContextAsync(cancel);
            var there = (await db.Set<WorkDay>().Where(w => w.Day == day).Select(w => new { w.DecisionPointId, w.Kind }).ToListAsync(cancel)).Select(w => (w.DecisionPointId, w.Kind)).ToHashSet();
            var missing = done.Where(one => !there.Contains((one.Point, one.Kind))).ToList();
            if (missing.Count == 0) return;
            db.AddRange(missing.Select(one => new WorkDay { Id = ids.Next(), Day = day, DecisionPointId = one.Point, Kind = one.Kind }));
            try
            {
                await db.SaveChangesAsync(cancel);
                return;
            }
            catch (DbUpdateException) when (attempt < 3)
            {
                // look again at what is there
            }
        }
    }
}

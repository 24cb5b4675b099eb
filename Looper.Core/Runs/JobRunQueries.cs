using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Runs;

/// <summary>What ran, runs and waits, and what it said.</summary>
public sealed class JobRunQueries(IDbContextFactory<LooperDb> databases)
{
    private const int MostStanding = 500;

    /// <summary>Newest first.</summary>
    public async Task<Answered<IReadOnlyList<JobRunView>>> ListAsync(Caller caller, JobRunFilter filter, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(filter);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var runs = db.Set<JobRun>().AsNoTracking();
        if (filter.DecisionPointId is { } point) runs = runs.Where(r => r.DecisionPointId == point);
        if (filter.Kind is { } kind) runs = runs.Where(r => r.Kind == kind);
        if (filter.OpenOnly) runs = Open(runs);
        if (filter.Before is { } before) runs = runs.Where(r => r.RequestedAt < before);
        var found = await runs.OrderByDescending(r => r.RequestedAt).Take(Math.Clamp(filter.Take, 1, 100)).ToListAsync(cancel);
        return found.ConvertAll(JobRunView.Of);
    }

    /// <summary>Runs that are open, and of each kind and subject the newest one where it failed: a later run answers an earlier failure. Newest first, at most 500 of either.</summary>
    public async Task<Answered<IReadOnlyList<JobRunView>>> StandingAsync(Caller caller, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var runs = db.Set<JobRun>().AsNoTracking();
        var newest = runs.GroupBy(r => new { r.Kind, r.Subject }).Select(g => new { g.Key.Kind, g.Key.Subject, At = g.Max(r => r.RequestedAt) });
        var failed = await runs.Where(r => r.State == JobState.Failed)
            .Join(newest, r => new { r.Kind, r.Subject, At = r.RequestedAt }, n => new { n.Kind, n.Subject, n.At }, (r, n) => r)
            .OrderByDescending(r => r.RequestedAt).Take(MostStanding).ToListAsync(cancel);
        var open = await Open(runs).OrderByDescending(r => r.RequestedAt).Take(MostStanding).ToListAsync(cancel);
        return open.Concat(failed).OrderByDescending(r => r.RequestedAt).Select(JobRunView.Of).ToList();
    }

    public async Task<Answered<JobRunView>> FindAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var run = await db.Set<JobRun>().AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancel);
        return run is null ? Unknown(id) : JobRunView.Of(run);
    }

    /// <summary>Log lines after <paramref name="afterId"/> in order, at most <paramref name="take"/> (to 10,000).</summary>
    public async Task<Answered<IReadOnlyList<JobLogView>>> LogAsync(Caller caller, Guid id, long afterId, int take, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (!await db.Set<JobRun>().AnyAsync(r => r.Id == id, cancel)) return Unknown(id);
        return await db.Set<JobLogLine>().AsNoTracking().Where(l => l.JobRunId == id && l.Id > afterId).OrderBy(l => l.Id)
            .Take(Math.Clamp(take, 1, 10_000)).Select(l => new JobLogView(l.Id, l.At, l.Text)).ToListAsync(cancel);
    }

    /// <summary>Queued, running and cancelling runs: the ring in the top bar.</summary>
    public async Task<Answered<int>> CountOpenAsync(Caller caller, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await Open(db.Set<JobRun>()).CountAsync(cancel);
    }

    internal static Refusal Unknown(Guid id) => new("job.unknown", $"There is no job run {id}; look in the list of jobs.");

    private static IQueryable<JobRun> Open(IQueryable<JobRun> runs) =>
        runs.Where(r => r.State == JobState.Queued || r.State == JobState.Running || r.State == JobState.Cancelling);
}

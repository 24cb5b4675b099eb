using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Runs;

/// <summary>What people do to runs.</summary>
public sealed class JobRunActions(IDbContextFactory<LooperDb> databases, JobRequests requests, ChangeFeed changes, TimeProvider clock)
{
    private const int Attempts = 5;

    /// <summary>A queued run is cancelled at once, a running one within five seconds. Nothing published changes; what an import has read stays.</summary>
    public async Task<Refusal?> CancelAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Analyse) is { } barred) return barred; // whoever may touch no job at all does not learn which exist
        for (var attempt = 1; ; attempt++)
        {
            await using var db = await databases.CreateDbContextAsync(cancel);
            var run = await db.Set<JobRun>().SingleOrDefaultAsync(r => r.Id == id, cancel);
            if (run is null) return JobRunQueries.Unknown(id);
            if (caller.Lacks(JobKinds.Needs(run.Kind)) is { } denied) return denied;
            if (run.Cancel(clock.GetUtcNow(), caller.Name) is { } refusal) return refusal;
            db.Add(AuditEntry.Of(caller, "job.cancelled", id, clock.GetUtcNow()));
            try
            {
                await db.SaveChangesAsync(cancel);
            }
            catch (DbUpdateConcurrencyException) when (attempt < Attempts)
            {
                continue; // it started, ended or moved on in between: look again
            }
            changes.Announce(ChangeKind.Job, id);
            return null;
        }
    }

    /// <summary>Queues a new run with the input of one that ended.</summary>
    public async Task<Answered<Guid>> RepeatAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Analyse) is { } barred) return barred;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var run = await db.Set<JobRun>().AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancel);
        if (run is null) return JobRunQueries.Unknown(id);
        return await requests.EnqueueAsync(caller, run.Kind, run.DecisionPointId, run.Subject, run.Input, cancel);
    }
}

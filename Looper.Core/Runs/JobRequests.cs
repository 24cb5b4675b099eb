using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Runs;

/// <summary>Asks for work: writes a queued run, which the scheduler starts at once.</summary>
public sealed class JobRequests(IDbContextFactory<LooperDb> databases, ChangeFeed changes, Ids ids, TimeProvider clock)
{
    /// <param name="subject">What it is for, as people read it: the key of the decision point; empty for work of the installation.</param>
    /// <param name="input">JSON of ids and plain values; never an entity.</param>
    /// <returns>The run's id; or <c>job.already-open</c> while one of the same kind is queued or running for the decision point.</returns>
    public async Task<Answered<Guid>> EnqueueAsync(
        Caller caller, string kind, Guid? decisionPointId, string subject, string input, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(JobKinds.Needs(kind)) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.LockAsync("job-requests", cancel); // two who ask at once: one run
        var open = await db.Set<JobRun>().AsNoTracking().FirstOrDefaultAsync(
            r => r.Kind == kind && r.DecisionPointId == decisionPointId
                && (r.State == JobState.Queued || r.State == JobState.Running || r.State == JobState.Cancelling), cancel);
        if (open is not null) return AlreadyOpen(open);
        var run = new JobRun
        {
            Id = ids.Next(),
            Kind = kind,
            DecisionPointId = decisionPointId,
            Subject = subject,
            Input = input,
            State = JobState.Queued,
            RequestedBy = caller.Name,
            RequestedAt = clock.GetUtcNow(),
        };
        db.Add(run);
        db.Add(AuditEntry.Of(caller, "job.requested", run.Id, run.RequestedAt, after: new { run.Kind, run.Subject }));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        changes.Announce(ChangeKind.Job, run.Id);
        return run.Id;
    }

    private static Refusal AlreadyOpen(JobRun open) => new(
        "job.already-open",
        $"'{JobKinds.Title(open.Kind)}' is already {open.State.ToString().ToLowerInvariant()} for '{open.Subject}' (run {open.Id}). Wait for it, or cancel it first.");
}

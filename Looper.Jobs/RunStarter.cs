using System.Data.Common;
using Looper.Core;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quartz;

namespace Looper.Jobs;

/// <summary>Hands waiting and lost runs to Quartz: at once when told of one, and by looking every few seconds. The rows of
/// <c>job_runs</c> are the truth; what Quartz holds can be lost or doubled, and the token sorts it out. No more are handed over than may run at once, so that what
/// recurs finds a thread.</summary>
public sealed class RunStarter(
    IEnumerable<QueuedJobType> jobs, IDbContextFactory<LooperDb> databases, ISchedulerFactory schedulers, ChangeFeed changes, TimeProvider clock,
    IOptions<JobsOptions> options, ILogger<RunStarter> log) : BackgroundService
{
    private readonly Dictionary<string, Type> _jobs = jobs.ToDictionary(j => j.Kind, j => j.Job);
    private readonly LeaseWatch _leases = new(clock, options.Value.Lease, options.Value.Poll);
    private readonly Dictionary<(Guid, long), long> _handed = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var wake = new SemaphoreSlim(0, 1);
        using var heard = changes.Subscribe(change =>
        {
            if (change.Kind != ChangeKind.Job || wake.CurrentCount > 0) return;
            try { wake.Release(); }
            catch (SemaphoreFullException) { } // two at once: it is awake
        });
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
                await wake.WaitAsync(options.Value.Poll, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is DbException or DbUpdateException or SchedulerException or TimeoutException or InvalidOperationException) // the last: a pool that gave up waiting
            {
                log.LogWarning(fault, "Waiting runs could not be looked for; trying again.");
                await Task.Delay(options.Value.Poll, clock, stoppingToken);
            }
        }
    }

    internal async Task LookAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var open = await db.Set<JobRun>()
            .Where(r => r.State == JobState.Queued || r.State == JobState.Running || r.State == JobState.Cancelling)
            .OrderBy(r => r.RequestedAt).ToListAsync(cancel);
        _leases.Keep(open.Select(r => r.Id).ToHashSet());
        foreach (var gone in _handed.Keys.Where(h => open.TrueForAll(r => (r.Id, r.Token) != h)).ToList()) _handed.Remove(gone);
        var silent = open.Where(r => r.State != JobState.Queued && _leases.IsLost(r.Id, r.Token, r.HeartbeatAt)).Select(r => r.Id).ToHashSet();
        var room = JobsSetup.RunsAtOnce - open.Count(r => IsHanded(r) || (r.State != JobState.Queued && !silent.Contains(r.Id)));
        foreach (var run in open)
        {
            var lost = silent.Contains(run.Id);
            var job = _jobs.GetValueOrDefault(run.Kind);
            if (lost && run.State == JobState.Cancelling) await EndAsync(db, run, JobState.Cancelled, QueuedJob.CancelledOf(run.Kind), cancel);
            else if (job is null && run.State == JobState.Queued) await EndAsync(db, run, JobState.Failed, $"This version of Looper has no job '{run.Kind}'. Ask for one that it has.", cancel);
            else if (job is not null && (lost || run.State == JobState.Queued) && !IsHanded(run) && room-- > 0) await HandOverAsync(run, job, cancel);
        }
    }

    /// <summary>Handed over and not begun yet. After a lease it counts as not handed over: its fire was lost, or its start failed before it took the token.</summary>
    private bool IsHanded(JobRun run) =>
        _handed.TryGetValue((run.Id, run.Token), out var since) && clock.GetElapsedTime(since) < options.Value.Lease;

    private async Task EndAsync(LooperDb db, JobRun run, JobState state, string result, CancellationToken cancel)
    {
        run.End(state, result, clock.GetUtcNow());
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            return; // its own end came first
        }
        changes.Announce(ChangeKind.Job, run.Id);
    }

    private async Task HandOverAsync(JobRun run, Type type, CancellationToken cancel)
    {
        var scheduler = await schedulers.GetScheduler(cancel);
        var name = $"{run.Id}:{run.Token}";
        var job = JobBuilder.Create().OfType(type).WithIdentity(name, "runs").RequestRecovery()
            .UsingJobData(QueuedJob.RunId, run.Id.ToString()).UsingJobData(QueuedJob.SeenToken, run.Token).Build();
        var trigger = TriggerBuilder.Create(clock).WithIdentity(name, "runs").ForJob(job).StartNow().Build();
        await scheduler.ScheduleJob(job, trigger, ScheduleJobOptions.Replacing, cancel);
        _handed[(run.Id, run.Token)] = clock.GetTimestamp();
    }
}

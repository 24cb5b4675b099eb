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
/// <c>job_runs</c> are the truth; what Quartz holds can be lost or doubled, and the token sorts it out.</summary>
public sealed class RunStarter(
    IEnumerable<QueuedJobType> jobs, IDbContextFactory<LooperDb> databases, ISchedulerFactory schedulers, ChangeFeed changes, TimeProvider clock,
    IOptions<JobsOptions> options, ILogger<RunStarter> log) : BackgroundService
{
    private readonly Dictionary<string, Type> _jobs = jobs.ToDictionary(j => j.Kind, j => j.Job);
    private readonly LeaseWatch _leases = new(clock, options.Value.Lease);
    private readonly HashSet<(Guid, long)> _handed = [];

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
            catch (Exception fault) when (fault is DbException or DbUpdateException or SchedulerException or TimeoutException)
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
        _handed.RemoveWhere(h => open.TrueForAll(r => (r.Id, r.Token) != h));
        foreach (var run in open)
        {
            var lost = run.State != JobState.Queued && _leases.IsLost(run.Id, run.Token, run.HeartbeatAt);
            var job = _jobs.GetValueOrDefault(run.Kind);
            if (lost && run.State == JobState.Cancelling) await EndAsync(db, run, JobState.Cancelled, "Cancelled. Nothing published was changed.", cancel);
            else if (job is null && run.State == JobState.Queued) await EndAsync(db, run, JobState.Failed, $"This version of Looper has no job '{run.Kind}'. Ask for one that it has.", cancel);
            else if (job is not null && (lost || run.State == JobState.Queued) && _handed.Add((run.Id, run.Token))) await HandOverAsync(run, job, cancel);
        }
    }

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
    }
}

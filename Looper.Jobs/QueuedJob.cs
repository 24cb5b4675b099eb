using Looper.Core;
using Looper.Core.Decisions;
using Looper.Core.Metering;
using Looper.Core.Runs;
using Microsoft.Extensions.Logging;
using Quartz;

namespace Looper.Jobs;

/// <summary>Work that people ask for. Turns what happens to it into the run's end: done, failed with a reason, cancelled, handed
/// back at a shutdown, or nothing at all when another start has taken over.</summary>
public abstract class QueuedJob(JobRuns runs, ILogger log) : IJob
{
    internal const string RunId = "run";
    internal const string SeenToken = "token";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var id = Guid.Parse(context.MergedJobDataMap.GetString(RunId)!);
        var seen = context.MergedJobDataMap.GetLong(SeenToken);
        // A recovered fire died with its process: before its start, or after it had taken the next token. One that died before meets the run handed over anew.
        var run = await runs.BeginAsync(id, seen, cancellationToken)
            ?? (context.Recovering ? await runs.BeginAsync(id, seen + 1, cancellationToken, isRecovery: true) : null);
        if (run is null) return;
        await using (run) await ExecuteAsync(run, cancellationToken);
    }

    /// <param name="cancel">Cancelled when the run is, when another start takes over, and when the process stops.</param>
    /// <returns>Null after the job has published, else why there is no result and what to do.</returns>
    protected abstract Task<Refusal?> RunAsync(RunningJob run, CancellationToken cancel);

    /// <summary>What a cancelled run leaves behind, in a sentence.</summary>
    protected virtual string Cancelled(RunningJob run) => CancelledOf(run?.Kind);

    /// <summary>The same for those who know the kind alone.</summary>
    internal static string CancelledOf(string? kind) => $"Cancelled. {(kind == JobKinds.Import ? ImportJob.Stays : "Nothing published was changed.")}";

    internal async Task ExecuteAsync(RunningJob run, CancellationToken stopping)
    {
        using var counted = runs.Work.Begin(run.DecisionPointId ?? WorkMeter.Shared, JobKinds.IsWorkOf(run.Kind));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, run.Stopped);
        try
        {
            if (await RunAsync(run, either.Token) is { } refusal) await FailAsync(run, refusal.Reason);
            else if (!run.IsFenced && run.Stopped.IsCancellationRequested) await CancelledAsync(run);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            if (run.IsFenced) return;
            if (run.Stopped.IsCancellationRequested) await CancelledAsync(run);
            else await run.EndAsync(JobState.Queued, "Handed back: Looper is stopping; the run starts again when it is back.", CancellationToken.None);
        }
        catch (UnreadableVersionException unreadable)
        {
            await FailAsync(run, unreadable.Refusal.Reason);
        }
        catch (Exception fault)
        {
            log.LogError(JobEvents.Failed, fault, "job.failed {Kind} {Run}", run.Kind, run.Id);
            await FailAsync(run, $"Something failed inside Looper ({fault.GetType().Name}). Nothing was changed. Run it again; if it returns, give the reference {run.Id} to your operator.");
        }
    }

    private static Task FailAsync(RunningJob run, string reason) => run.EndAsync(JobState.Failed, reason, CancellationToken.None);

    private async Task CancelledAsync(RunningJob run)
    {
        log.LogInformation(JobEvents.Cancelled, "job.cancelled {Kind} {Run}", run.Kind, run.Id);
        await run.EndAsync(JobState.Cancelled, Cancelled(run), CancellationToken.None);
    }
}

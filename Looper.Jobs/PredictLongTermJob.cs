using Looper.Core;
using Looper.Core.LongTerm;
using Looper.Core.Runs;
using Microsoft.Extensions.Logging;

namespace Looper.Jobs;

/// <summary>Predicts what an experiment will have done to something that takes long to be known, from what had come in when it was asked for. Twice is
/// harmless: seed and moment come from the run, and a start that has lost its lease stores nothing.</summary>
public sealed class PredictLongTermJob(LongTermEstimation estimation, Ids ids, JobRuns runs, ChangeFeed changes, ILogger<PredictLongTermJob> log) : QueuedJob(runs, log)
{
    protected override async Task<Refusal?> RunAsync(RunningJob run, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(run);
        var predicted = await estimation.RunAsync(LongTermInput.Read(run.Input), run.RequestedAt, run.Report, cancel);
        if (predicted.Refusal is { } refusal) return refusal;
        var report = LongTermReport.Of(ids.Next(), run.Id, run.RequestedBy, run.RequestedAt, predicted.Value!);
        if (!await run.PublishAsync((db, _) => { db.Add(report); return Task.CompletedTask; }, () => report.Verdict, cancel)) return null;
        changes.Announce(ChangeKind.Report, report.Id);
        return null;
    }
}

using Looper.Core;
using Looper.Core.Personalization;
using Looper.Core.Runs;
using Microsoft.Extensions.Logging;

namespace Looper.Jobs;

/// <summary>Estimates for whom the arms of an experiment work, from what had come in when it was asked for. Twice is harmless: seed and moment
/// come from the run, and a start that has lost its lease stores nothing.</summary>
public sealed class EstimateEffectsJob(EffectEstimation estimation, Ids ids, JobRuns runs, ChangeFeed changes, ILogger<EstimateEffectsJob> log) : QueuedJob(runs, log)
{
    protected override async Task<Refusal?> RunAsync(RunningJob run, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(run);
        var input = EffectInput.Read(run.Input);
        var estimated = await estimation.RunAsync(input, run.RequestedAt, run.Report, cancel);
        if (estimated.Refusal is { } refusal) return refusal;
        var (content, units) = estimated.Value;
        var report = EffectReport.Of(ids.Next(), run.Id, run.RequestedBy, run.RequestedAt, content, units);
        if (!await run.PublishAsync((db, _) => { db.Add(report); return Task.CompletedTask; }, () => report.Verdict, cancel)) return null;
        changes.Announce(ChangeKind.Report, report.Id);
        return null;
    }
}

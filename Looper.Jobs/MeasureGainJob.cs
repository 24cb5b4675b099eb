using Looper.Core;
using Looper.Core.Ledger;
using Looper.Core.Runs;
using Microsoft.Extensions.Logging;

namespace Looper.Jobs;

/// <summary>Measures what a decision point has brought. Twice is harmless: the one that began last stays.</summary>
public sealed class MeasureGainJob(GainMeasuring measuring, JobRuns runs, ILogger<MeasureGainJob> log) : QueuedJob(runs, log)
{
    protected override async Task<Refusal?> RunAsync(RunningJob run, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(run);
        var point = run.DecisionPointId ?? default;
        var measured = await measuring.MeasureAsync(point, done => run.Report("Reading decisions", 100 * done), cancel);
        await run.PublishAsync((db, stop) => measuring.KeepAsync(db, point, measured, stop), () => GainWords.Sentence(measured.Gain, measured.Gain.WhyNot), cancel);
        return null;
    }
}

using Looper.Core;
using Looper.Core.Models;
using Microsoft.Extensions.Logging;

namespace Looper.Jobs;

/// <summary>Trains a model again and compares the bytes. Changes nothing, so twice is harmless.</summary>
public sealed class RepeatTrainingJob(RepeatedTraining training, JobRuns runs, ILogger<RepeatTrainingJob> log) : QueuedJob(runs, log)
{
    protected override async Task<Refusal?> RunAsync(RunningJob run, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(run);
        var number = RepeatedTrainingInput.Read(run.Input)?.Number ?? 0;
        var made = await training.RunAsync(run.DecisionPointId ?? default, number, run.Report, run.Say, cancel);
        if (made.Refusal is { } refusal) return refusal;
        await run.PublishAsync((_, _) => Task.CompletedTask, () => made.Value!, cancel);
        return null;
    }
}

using System.Collections.Immutable;
using System.Globalization;
using Looper.Core;
using Looper.Core.Models;
using Looper.Core.Runs;
using Microsoft.Extensions.Logging;

namespace Looper.Jobs;

/// <summary>Trains a candidate per goal outcome on the decisions made before it was asked for. Twice is harmless: seed and data come from
/// the run, and a start that has lost its lease publishes nothing.</summary>
public sealed class TrainModelJob(
    TrainingPipeline pipeline, Registration registration, JobRuns runs, ChangeFeed changes, ILogger<TrainModelJob> log) : QueuedJob(runs, log)
{
    protected override async Task<Refusal?> RunAsync(RunningJob run, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(run);
        var trained = await pipeline.TrainAsync(
            run.DecisionPointId ?? default, TrainingInput.Read(run.Input), run.RequestedAt, run.Id, run.Report, run.Say, cancel);
        if (trained.Refusal is { } refusal) return refusal;
        ImmutableArray<Registered> models = [];
        var published = await run.PublishAsync(
            async (db, token) => models = await registration.RegisterAsync(db, trained.Value!, token), () => Result(models, trained.Value!), cancel);
        if (!published) return null;
        foreach (var model in models)
        {
            changes.Announce(ChangeKind.Model, model.Model.Id);
            if (model.Model.State == ModelState.Live) ModelEvents.Promoted(log, trained.Value!.Key, model.Model.Number, "rule");
        }
        return null;
    }

    private static string Result(ImmutableArray<Registered> models, TrainingResult result)
    {
        var made = models.Select(m => string.Create(CultureInfo.InvariantCulture, $"Model {m.Model.Number} for {m.Model.Outcome} on {m.Model.Rows:N0} examples. {m.Verdict}"));
        return string.Join(" ", made.Concat(result.Refused));
    }
}

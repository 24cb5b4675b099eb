using Looper.Core.Metering;
using Looper.Core.Models;
using Quartz;

namespace Looper.Jobs;

/// <summary>Looks each minute whether a decision point has enough outcomes for a first model, or is due for another.</summary>
public sealed class CheckTrainingJob(TrainingTriggers triggers, WorkMeter work) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        using var counted = work.Begin(WorkMeter.Shared, WorkKind.Training);
        await triggers.CheckAsync(cancellationToken);
    }
}

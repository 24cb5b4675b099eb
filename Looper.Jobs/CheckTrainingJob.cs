using Looper.Core.Models;
using Quartz;

namespace Looper.Jobs;

/// <summary>Looks each minute whether a decision point has enough outcomes for a first model, or is due for another.</summary>
public sealed class CheckTrainingJob(TrainingTriggers triggers) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        await triggers.CheckAsync(cancellationToken);
}

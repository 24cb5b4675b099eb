using Looper.Core.Experiments;
using Quartz;

namespace Looper.Jobs;

/// <summary>Looks every five minutes for experiments whose traffic may rise: the step's time is over, health and guardrails hold.</summary>
public sealed class CheckRampsJob(RampActions ramps) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await ramps.CheckAsync(cancellationToken);
}

using Looper.Core.Experiments;
using Looper.Core.Metering;
using Quartz;

namespace Looper.Jobs;

/// <summary>Looks every five minutes for experiments whose traffic may rise: the step's time is over, health and guardrails hold.</summary>
public sealed class CheckRampsJob(RampActions ramps, WorkMeter work) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        using var counted = work.Begin(WorkMeter.Shared, WorkKind.Analysis);
        await ramps.CheckAsync(cancellationToken);
    }
}

using Looper.Core.Metering;
using Looper.Core.Monitoring;
using Quartz;

namespace Looper.Jobs;

/// <summary>Looks every ten minutes whether what is served, or what comes of it, has moved away from what a live model learned from.</summary>
public sealed class CheckDriftJob(DriftCheck drift, WorkMeter work) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        using var counted = work.Begin(WorkMeter.Shared, WorkKind.Analysis);
        await drift.CheckAsync(cancellationToken);
    }
}

using Looper.Core.Experiments;
using Looper.Core.Metering;
using Quartz;

namespace Looper.Jobs;

/// <summary>Looks every ten minutes for experiments whose shares follow the outcomes and are due.</summary>
public sealed class RenewSharesJob(AllocationActions allocation, WorkMeter work) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        using var counted = work.Begin(WorkMeter.Shared, WorkKind.Analysis);
        await allocation.RenewAsync(cancellationToken);
    }
}

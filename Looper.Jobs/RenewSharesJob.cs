using Looper.Core.Experiments;
using Quartz;

namespace Looper.Jobs;

/// <summary>Looks every ten minutes for experiments whose shares follow the outcomes and are due.</summary>
public sealed class RenewSharesJob(AllocationActions allocation) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await allocation.RenewAsync(cancellationToken);
}

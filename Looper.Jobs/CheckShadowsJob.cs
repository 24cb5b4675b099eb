using Looper.Core.Metering;
using Looper.Core.Models;
using Quartz;

namespace Looper.Jobs;

/// <summary>Compares models in the shadow with the live ones on the decisions made since the last look, and ends shadows that have seen enough.</summary>
public sealed class CheckShadowsJob(ShadowReview shadows, WorkMeter work) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        using var counted = work.Begin(WorkMeter.Shared, WorkKind.Training);
        await shadows.CheckAsync(cancellationToken);
    }
}

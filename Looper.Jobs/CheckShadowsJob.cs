using Looper.Core.Models;
using Quartz;

namespace Looper.Jobs;

/// <summary>Compares models in the shadow with the live ones on the decisions made since the last look, and ends shadows that have seen enough.</summary>
public sealed class CheckShadowsJob(ShadowReview shadows) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        await shadows.CheckAsync(cancellationToken);
}

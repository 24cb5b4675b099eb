using Looper.Core.Metering;
using Looper.Core.Policies;
using Quartz;

namespace Looper.Jobs;

/// <summary>Asks every ten minutes whether what learns beside has enough new decisions to be judged again.</summary>
public sealed class FollowApprenticesJob(ApprenticeActions apprentices, WorkMeter work) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        using var counted = work.Begin(WorkMeter.Shared, WorkKind.Training);
        await apprentices.FollowAsync(cancellationToken);
    }
}

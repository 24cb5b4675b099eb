using Looper.Core.Metering;
using Looper.Core.Policies;
using Quartz;

namespace Looper.Jobs;

/// <summary>Looks every hour what came of versions whose value was foretold.</summary>
public sealed class FollowLaunchesJob(LaunchFollowing launches, WorkMeter work) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        using var counted = work.Begin(WorkMeter.Shared, WorkKind.Analysis);
        await launches.CheckAsync(cancellationToken);
    }
}

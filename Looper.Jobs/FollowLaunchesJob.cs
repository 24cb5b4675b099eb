using Looper.Core.Policies;
using Quartz;

namespace Looper.Jobs;

/// <summary>Looks every hour what came of versions whose value was foretold.</summary>
public sealed class FollowLaunchesJob(LaunchFollowing launches) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await launches.CheckAsync(cancellationToken);
}

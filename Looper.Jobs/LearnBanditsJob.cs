using Looper.Core.Bandits;
using Quartz;

namespace Looper.Jobs;

/// <summary>Lets every bandit learn, once a minute, from what has become known since.</summary>
public sealed class LearnBanditsJob(BanditLearning bandits) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await bandits.LearnAsync(cancellationToken);
}

using Looper.Core.Bandits;
using Looper.Core.Metering;
using Quartz;

namespace Looper.Jobs;

/// <summary>Lets every bandit learn, once a minute, from what has become known since.</summary>
public sealed class LearnBanditsJob(BanditLearning bandits, WorkMeter work) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        using var counted = work.Begin(WorkMeter.Shared, WorkKind.Training);
        await bandits.LearnAsync(cancellationToken);
    }
}

using Looper.Core.Ledger;
using Looper.Core.Metering;
using Quartz;

namespace Looper.Jobs;

/// <summary>Looks every hour which gains have not been measured for most of a day.</summary>
public sealed class MeasureGainsJob(GainMeasuring measuring, WorkMeter work) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        using var counted = work.Begin(WorkMeter.Shared, WorkKind.Analysis);
        await measuring.CheckAsync(cancellationToken);
    }
}

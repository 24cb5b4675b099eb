using Looper.Core.Ledger;
using Quartz;

namespace Looper.Jobs;

/// <summary>Looks every hour which gains have not been measured for most of a day.</summary>
public sealed class MeasureGainsJob(GainMeasuring measuring) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await measuring.CheckAsync(cancellationToken);
}

using Looper.Core.Metering;
using Looper.Core.Studies;
using Quartz;

namespace Looper.Jobs;

/// <summary>Carries running studies on: proposes settings, has them measured, reads what came of them.</summary>
public sealed class AdvanceStudiesJob(StudyLoop studies, WorkMeter work) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        using var counted = work.Begin(WorkMeter.Shared, WorkKind.Analysis);
        await studies.AdvanceAllAsync(cancellationToken);
    }
}

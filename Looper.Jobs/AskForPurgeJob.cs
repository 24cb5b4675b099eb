using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;
using Quartz;

namespace Looper.Jobs;

/// <summary>Asks once a day, at night, for what is too old to be removed; where Looper does not run at that hour, within an hour of when it does. Else an
/// installation that is shut down every night would keep its events for ever.</summary>
public sealed class AskForPurgeJob(JobRequests jobs, IDbContextFactory<LooperDb> databases, TimeProvider clock) : IJob
{
    /// <summary>The hour, in UTC.</summary>
    internal const int Night = 3;

    private static readonly TimeSpan s_aDay = TimeSpan.FromHours(26); // since last night, and somewhat more

    /// <summary>A run that is still under way does today's work too.</summary>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var now = clock.GetUtcNow();
        if (now.Hour == Night || await IsOverdueAsync(now - s_aDay, cancellationToken))
            await jobs.EnqueueAsync(Caller.System, JobKinds.PurgeEvents, null, "", "{}", cancellationToken);
    }

    /// <summary>Nothing was asked for since, and the installation is older than that.</summary>
    private async Task<bool> IsOverdueAsync(DateTimeOffset since, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return !await db.Set<JobRun>().AnyAsync(r => r.Kind == JobKinds.PurgeEvents && r.RequestedAt >= since, cancel)
            && await db.Set<AuditEntry>().OrderBy(e => e.Id).Select(e => (DateTimeOffset?)e.At).FirstOrDefaultAsync(cancel) < since; // its first entry is never removed
    }
}

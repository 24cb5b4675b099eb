using Looper.Core.Decisions.Import;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;
using Quartz;

namespace Looper.Jobs;

/// <summary>Drops log lines, files of imports and copies of the database from before a migration that are older than 30 days; runs and their results stay.</summary>
public sealed class TrimJobLogsJob(IDbContextFactory<LooperDb> databases, ImportFiles imports, MigrationCopies copies, TimeProvider clock) : IJob
{
    private const int AtOnce = 1_000;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var before = clock.GetUtcNow() - Kept;
        imports.RemoveOlderThan(before);
        copies.RemoveOlderThan(before);
        while (true)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var old = await db.Set<JobLogLine>().Where(l => l.At < before).OrderBy(l => l.Id).Take(AtOnce).ToListAsync(cancellationToken);
            if (old.Count == 0) return;
            db.RemoveRange(old);
            await db.SaveChangesAsync(cancellationToken);
        }
    }
}

using Looper.Core.Events;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Looper.Web.Hosting;

/// <summary>A node whose disk is full still decides, so it is Degraded; only a failed flush makes it Unhealthy, and then it ends.</summary>
internal sealed class JournalHealth(Journal journal) : IHealthCheck
{
    private const double MostWaiting = 0.4; // a decision point that floods alone is refused at half
    private const long MostLogBytes = 512L << 20; // without a reader in the way it is folded at half of that
    private static readonly TimeSpan s_mostUnflushed = TimeSpan.FromSeconds(1);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Of(journal.Condition));

    public static HealthCheckResult Of(JournalCondition now) => now switch
    {
        { State: JournalState.Failed } => HealthCheckResult.Unhealthy($"A flush failed; the process ends. Check the disk. {now.Reason}"),
        { State: JournalState.CannotWrite } => HealthCheckResult.Degraded($"Nothing can be stored: decisions are answered unrecorded, observations refused. {now.Reason}"),
        { CorruptRecords: > 0 } => HealthCheckResult.Degraded($"{now.CorruptRecords} times a record failed its checksum and was skipped. Restore it from a backup."),
        _ when now.Waiting > MostWaiting * now.Capacity => HealthCheckResult.Degraded($"{now.Waiting} of {now.Capacity} places in the journal's line are taken."),
        _ when now.UnflushedAge > s_mostUnflushed => HealthCheckResult.Degraded($"Decisions have waited {now.UnflushedAge.TotalSeconds:F1} s to be flushed."),
        _ when now.LogBytes > MostLogBytes => HealthCheckResult.Degraded($"The write-ahead log holds {now.LogBytes >> 20} MB. A long reader keeps it from being folded."),
        _ => HealthCheckResult.Healthy(),
    };
}

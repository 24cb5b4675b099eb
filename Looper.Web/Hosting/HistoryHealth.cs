using Looper.Core.Events;
using Looper.Core.Events.Histories;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Looper.Web.Hosting;

/// <summary>Until what was reported for units has been read at a start, features that look back are missing: traffic had better wait. Later a new version may ask
/// for more, and the others go on meanwhile.</summary>
internal sealed class HistoryHealth(Journal journal) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(Of(journal.Histories));

    public static HealthCheckResult Of(HistoryFeed histories) => histories switch
    {
        { Fault: { } fault } => HealthCheckResult.Degraded($"What was reported for units could not be read, so features that look back are missing; it is tried again. {fault.Message}"),
        { HasBegun: false } => HealthCheckResult.Unhealthy("What was reported for units is being read."),
        { Settled.IsCompleted: false } => HealthCheckResult.Degraded("A new version looks back on outcomes; what was reported of them is being read."),
        _ => HealthCheckResult.Healthy(),
    };
}

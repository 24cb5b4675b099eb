using Looper.Core.Events;
using Looper.Web.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Looper.Web.Tests.Hosting;

public sealed class JournalHealthTests
{
    private static readonly JournalCondition s_well = new(JournalState.Writing, null, 0, 8_192, TimeSpan.Zero, 0, 0, 0, 0, 0);

    [Fact]
    public void A_node_that_still_decides_is_never_unhealthy()
    {
        Assert.Equal(HealthStatus.Healthy, JournalHealth.Of(s_well).Status);
        Assert.Equal(HealthStatus.Degraded, JournalHealth.Of(s_well with { State = JournalState.CannotWrite, Reason = "database or disk is full" }).Status);
        Assert.Equal(HealthStatus.Degraded, JournalHealth.Of(s_well with { Waiting = 4_000 }).Status);
        Assert.Equal(HealthStatus.Degraded, JournalHealth.Of(s_well with { UnflushedAge = TimeSpan.FromSeconds(2) }).Status);
        Assert.Equal(HealthStatus.Degraded, JournalHealth.Of(s_well with { LogBytes = 600L << 20 }).Status);
        Assert.Equal(HealthStatus.Healthy, JournalHealth.Of(s_well with { LogBytes = 300L << 20 }).Status); // under much load, while it is folded
        Assert.Equal(HealthStatus.Degraded, JournalHealth.Of(s_well with { CorruptRecords = 1 }).Status);
    }

    [Fact]
    public void A_failed_flush_is_unhealthy() =>
        Assert.Equal(HealthStatus.Unhealthy, JournalHealth.Of(s_well with { State = JournalState.Failed, Reason = "disk I/O error" }).Status);
}

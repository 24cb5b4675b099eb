using System.Globalization;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions.Retention;
using Looper.Core.Events;
using Looper.Core.Ledger;
using Looper.Core.Runs;
using Microsoft.Extensions.Logging;
using Quartz;

namespace Looper.Jobs;

/// <summary>Removes what is older than it may be kept. Twice is harmless: the second time nothing is old.</summary>
public sealed partial class PurgeEventsJob(Retentions retentions, GainMeasuring gains, Journal journal, JobRuns runs, TimeProvider clock, ILogger<PurgeEventsJob> log) : QueuedJob(runs, log)
{
    private readonly ILogger _log = log;

    protected override async Task<Refusal?> RunAsync(RunningJob run, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(run);
        var plan = await retentions.ReadAsync(cancel);
        var now = clock.GetUtcNow();
        await CountGainsAsync(run, cancel);
        run.Report("Removing old events", 0);
        run.Say(string.Create(CultureInfo.InvariantCulture, $"Kept for {plan.Days} days."));
        foreach (var point in plan.Points.Where(p => p.EffectiveDays(plan.Days) != plan.Days))
            run.Say(string.Create(CultureInfo.InvariantCulture, $"{point.Key}: kept for {point.EffectiveDays(plan.Days)} days. {point.WhyLonger(plan.Days)}").TrimEnd());
        var removed = await journal.PurgeAsync(plan.OrderAt(now), cancel);
        if (removed != default) Purged(_log, removed.Decisions, removed.Observations);
        await run.PublishAsync(
            (db, _) =>
            {
                if (removed != default) db.Add(AuditEntry.Of(Caller.System, "retention.purged", "installation", now, before: new { removed.Decisions, removed.Observations }));
                return Task.CompletedTask;
            },
            () => removed == default ? "Nothing was old enough to go." : string.Create(CultureInfo.InvariantCulture,
                $"Removed {removed.Decisions:N0} decisions and {removed.Observations:N0} observations; their space is given back step by step."), cancel);
        return null;
    }

    // What goes is in the ledger before it goes, also after a time in which nothing ran. What cannot be measured keeps nothing longer than it may be kept.
    private async Task CountGainsAsync(RunningJob run, CancellationToken cancel)
    {
        run.Report("Measuring gains", 0);
        try
        {
            await gains.CheckAsync(cancel);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            run.Say("Some gains could not be measured before; the log of the job that measures them says which.");
        }
    }

    [LoggerMessage(1306, LogLevel.Information, "retention.purged: {Decisions} decisions and {Observations} observations", EventName = "retention.purged")]
    private static partial void Purged(ILogger log, long decisions, long observations);
}

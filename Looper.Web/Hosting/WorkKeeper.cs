using Looper.Core.Costs;
using Looper.Core.Persistence;

namespace Looper.Web.Hosting;

/// <summary>Writes down every minute, and at the end, what this process has worked and for whom.</summary>
internal sealed partial class WorkKeeper(WorkKeeping keeping, TimeProvider clock, ILogger<WorkKeeper> log) : BackgroundService
{
    private static readonly TimeSpan s_every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(s_every, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await KeepAsync();
        }
    }

    private async Task KeepAsync()
    {
        try
        {
            await keeping.KeepAsync(CancellationToken.None);
        }
        catch (Exception fault)
        {
            // What was not written is in the next minute's; a database that is away is told of elsewhere.
            if (!DatabaseFaults.IsAway(fault)) NotKept(log, fault);
        }
    }

    [LoggerMessage(1507, LogLevel.Warning, "work.not-kept: what the last minute took could not be written down; the next minute tries again", EventName = "work.not-kept")]
    private static partial void NotKept(ILogger log, Exception cause);
}

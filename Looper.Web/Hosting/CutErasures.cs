using Looper.Core.Decisions;
using Looper.Core.Decisions.Erasure;

namespace Looper.Web.Hosting;

/// <summary>Ends erasures, and removals of whole decision points, that were cut off: after a start those that a crash left, later those that the database or a long reader stood in the way of.</summary>
internal sealed partial class CutErasures(ErasureActions erasures, NotedRemovals removals, TimeProvider clock, ILogger<CutErasures> log) : BackgroundService
{
    private static readonly TimeSpan s_every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every, clock);
        do
        {
            await TryAsync(erasures.EndCutAsync, stoppingToken);
            await TryAsync(removals.EndCutAsync, stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task TryAsync(Func<CancellationToken, Task<int>> end, CancellationToken cancel)
    {
        try
        {
            await end(cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            NotEnded(log, e);
        }
    }

    [LoggerMessage(1631, LogLevel.Warning, "erasure.not-ended: an erasure or a removal that was cut off could not be ended; tried again within a minute", EventName = "erasure.not-ended")]
    private static partial void NotEnded(ILogger log, Exception cause);
}

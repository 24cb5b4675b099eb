using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Persistence;

namespace Looper.Web.Hosting;

/// <summary>Reads keys and users again on every change here, and every few seconds for changes made on another node.</summary>
internal sealed partial class AccessRefresher(
    ApiKeyRing keys, UserRing users, DatabaseAvailability database, ChangeFeed changes, TimeProvider clock, ILogger<AccessRefresher> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private const int RoundsBetweenSaves = 12;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var wake = new SemaphoreSlim(0);
        using var subscription = changes.Subscribe(change =>
        {
            if (change.Kind is ChangeKind.Key or ChangeKind.User) wake.Release();
        });
        for (var round = 1; !stoppingToken.IsCancellationRequested; round++)
        {
            using var timer = new CancellationTokenSource(Every, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, timer.Token);
            try
            {
                await wake.WaitAsync(either.Token);
            }
            catch (OperationCanceledException)
            {
                // time for another look, or to stop
            }
            if (!stoppingToken.IsCancellationRequested) await RefreshAsync(round % RoundsBetweenSaves == 0, stoppingToken);
        }
    }

    private async Task RefreshAsync(bool save, CancellationToken cancel)
    {
        try
        {
            await keys.RefreshAsync(cancel);
            await users.RefreshAsync(cancel);
            if (save) await keys.SaveUseAsync(cancel);
            database.Answered();
        }
        catch (Exception e) when (DatabaseFaults.IsAway(e))
        {
            database.Failed(e); // the last known keys and users hold meanwhile
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Failed(log, e);
        }
    }

    [LoggerMessage(1506, LogLevel.Error, "access.not-read: keys and users could not be read again; those last known hold", EventName = "access.not-read")]
    private static partial void Failed(ILogger log, Exception cause);
}

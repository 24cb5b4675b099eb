using Looper.Core;
using Looper.Core.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Looper.Web.Hosting;

/// <summary>The only place from which <c>looper.db</c> is checkpointed, but for the end of an erasure.</summary>
internal sealed partial class DatabaseCheckpoints(
    SqliteCheckpoint checkpoint, IOptions<LooperOptions> options, TimeProvider clock, ILogger<DatabaseCheckpoints> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(20);
    private const long WorthIt = 1024 * 1024;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Database != DatabaseKind.Sqlite) return;
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (checkpoint.LogBytes >= WorthIt) Run();
            }
        }
        catch (OperationCanceledException)
        {
            Run();
        }
    }

    private void Run()
    {
        try
        {
            checkpoint.Run();
        }
        catch (SqliteException e)
        {
            Failed(log, e); // tried again at the next tick; the log only grows meanwhile
        }
    }

    [LoggerMessage(1305, LogLevel.Warning, "database.checkpoint-failed")]
    private static partial void Failed(ILogger log, Exception cause);
}

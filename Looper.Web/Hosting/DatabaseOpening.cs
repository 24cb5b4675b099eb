using Looper.Core.Persistence;

namespace Looper.Web.Hosting;

/// <summary>Brings the database to this version: before the first request, or, where its server is away at the start, as soon as it is back.</summary>
internal sealed partial class DatabaseOpening(DatabaseStart start, DatabaseAvailability database, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<DatabaseOpening> log) : BackgroundService
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(2);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the database is as this version needs it.</summary>
    public Task Opened => _opened.Task;

    /// <exception cref="StartRefusedException">With a sentence for the operator.</exception>
    public async Task OpenAsync(CancellationToken cancel)
    {
        await start.OpenAsync(cancel);
        _opened.TrySetResult();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!_opened.Task.IsCompleted)
        {
            await Task.Delay(s_every, clock, stoppingToken);
            try
            {
                await OpenAsync(stoppingToken);
            }
            catch (Exception fault) when (DatabaseFaults.IsAway(fault))
            {
                database.Failed(fault);
            }
            catch (StartRefusedException refused)
            {
                // It came back as one that this version must not use.
                Refused(log, refused.Message);
                Environment.ExitCode = 1;
                lifetime.StopApplication();
                return;
            }
        }
    }

    [LoggerMessage(1005, LogLevel.Critical, "start.refused: {Why}", EventName = "start.refused")]
    private static partial void Refused(ILogger log, string why);
}

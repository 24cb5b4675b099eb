using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quartz;

namespace Looper.Jobs;

/// <summary>Starts the scheduler once its store answers, and stops it with its work handed back. A process whose database server is away
/// still decides, so the scheduler must not keep it from starting.</summary>
internal sealed class SchedulerHost(ISchedulerFactory schedulers, TimeProvider clock, IOptions<JobsOptions> options, ILogger<SchedulerHost> log) : BackgroundService
{
    private readonly Lock _gate = new();
    private IScheduler? _scheduler;
    private Task? _stopped;

    // A host can be told to stop by its own end and by whoever embeds it at once: both wait for the same end, else the first to finish takes the
    // scheduler's services away from the other.
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate) return _stopped ??= ShutDownAsync(cancellationToken);
    }

    private async Task ShutDownAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_scheduler is not null) await _scheduler.Shutdown(waitForJobsToComplete: true, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var told = false; _scheduler is null;)
        {
            try
            {
                var scheduler = await schedulers.GetScheduler(stoppingToken);
                await scheduler.Start(stoppingToken);
                _scheduler = scheduler;
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                if (!told) log.LogWarning(fault, "Jobs wait: the scheduler's store cannot be opened yet. Tried again every {Poll}.", options.Value.Poll);
                told = true;
                await Task.Delay(options.Value.Poll, clock, stoppingToken);
            }
        }
    }
}

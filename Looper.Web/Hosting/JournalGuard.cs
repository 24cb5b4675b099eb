using Looper.Core.Events;

namespace Looper.Web.Hosting;

/// <summary>Opens the journal before the first request, and ends the process when a flush has failed: what the system holds in memory
/// is then no longer to be trusted, and only a new start reads what is really on the disk.</summary>
internal sealed class JournalGuard(Journal journal, TimeProvider clock) : BackgroundService
{
    /// <summary>EX_TEMPFAIL of sysexits.h: a supervisor starts the program again.</summary>
    public const int ExitCode = 75;

    // The refusals of the failed group still go out.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await journal.FlushFailed.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!journal.FlushFailed.IsCompleted) return;
        await Task.Delay(s_grace, clock, CancellationToken.None);
        Environment.Exit(ExitCode);
    }
}

using Microsoft.Extensions.Logging;

namespace Looper.Core.Persistence;

/// <summary>Whether the database answered when it was last asked; says so once when that changes.</summary>
public sealed partial class DatabaseAvailability(ILogger<DatabaseAvailability> log)
{
    private int _away;

    public bool IsAway => Volatile.Read(ref _away) != 0;

    public void Answered()
    {
        if (Interlocked.Exchange(ref _away, 0) != 0) Back(log);
    }

    public void Failed(Exception fault)
    {
        if (Interlocked.Exchange(ref _away, 1) == 0) Away(log, fault);
    }

    [LoggerMessage(1301, LogLevel.Warning, "database.away: the database does not answer. Decisions go on from the last snapshot; nothing can be changed until it is back.", EventName = "database.away")]
    private static partial void Away(ILogger log, Exception cause);

    [LoggerMessage(1302, LogLevel.Information, "database.back: the database answers again.", EventName = "database.back")]
    private static partial void Back(ILogger log);
}

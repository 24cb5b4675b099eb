using Microsoft.Extensions.Logging;

namespace Looper.Core.Events;

/// <summary>What the journal says to the log.</summary>
internal static partial class JournalEvents
{
    [LoggerMessage(1100, LogLevel.Information, "journal.opened: {Path}, SQLite {Version}; one connection writes, one folds the log, all others only read.", EventName = "journal.opened")]
    public static partial void Opened(ILogger log, string path, string version);

    [LoggerMessage(1103, LogLevel.Error, "journal.full: the journal cannot write; decisions go unrecorded and observations are refused until it can. Free disk space.", EventName = "journal.full")]
    public static partial void CannotWrite(ILogger log, Exception fault);

    [LoggerMessage(1104, LogLevel.Information, "journal.resumed: the journal writes again.", EventName = "journal.resumed")]
    public static partial void Resumed(ILogger log);

    [LoggerMessage(1105, LogLevel.Critical, "journal.flush-failed: a flush failed, nothing more is written. The process ends with code 75; check the disk and start it again.", EventName = "journal.flush-failed")]
    public static partial void FlushFailed(ILogger log, Exception fault);
}

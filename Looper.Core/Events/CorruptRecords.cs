using Microsoft.Extensions.Logging;

namespace Looper.Core.Events;

/// <summary>Counts and reports records that fail their checksum. They are skipped wherever they are met, never half-read.</summary>
public sealed partial class CorruptRecords(ILogger<CorruptRecords> log)
{
    private long _count;

    /// <summary>Times a bad record was met since start.</summary>
    public long Count => Volatile.Read(ref _count);

    internal void Report(string table, long seq)
    {
        Interlocked.Increment(ref _count);
        RecordCorrupt(log, table, seq);
    }

    [LoggerMessage(1102, LogLevel.Error, "journal.record-corrupt: row {Seq} of {Table} fails its checksum and is skipped. Restore it from a backup.", EventName = "journal.record-corrupt")]
    private static partial void RecordCorrupt(ILogger log, string table, long seq);
}

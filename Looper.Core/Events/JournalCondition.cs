namespace Looper.Core.Events;

public enum JournalState
{
    Writing = 1,

    /// <summary>The last write failed (disk full, I/O error); tried again by itself.</summary>
    CannotWrite = 2,

    /// <summary>A flush failed: nothing is written any more, the process must start again.</summary>
    Failed = 3,
    Closed = 4,
}

/// <param name="Reason">Why it cannot write; null while it does.</param>
/// <param name="Waiting">Records in the queue.</param>
/// <param name="UnflushedAge">Age of the oldest commit that was not flushed yet; zero when there is none.</param>
/// <param name="LogBytes">Size of the write-ahead log.</param>
/// <param name="CorruptRecords">Records that failed their checksum since start; skipped wherever they were met.</param>
/// <param name="Commits">Groups committed since start, and of them <paramref name="Flushes"/> flushed; <paramref name="Records"/> records in all.</param>
public sealed record JournalCondition(
    JournalState State, string? Reason, int Waiting, int Capacity, TimeSpan UnflushedAge, long LogBytes, long CorruptRecords,
    long Commits, long Flushes, long Records);

/// <summary>What a removal took away.</summary>
public readonly record struct Removed(long Decisions, long Observations);

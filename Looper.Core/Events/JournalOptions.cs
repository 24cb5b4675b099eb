namespace Looper.Core.Events;

public sealed record JournalOptions
{
    /// <summary>The database file; its folder exists.</summary>
    public required string Path { get; init; }

    /// <summary>Records that may wait to be written; a decision point that is alone may have half of it waiting, one more is answered
    /// <see cref="AppendStatus.Full"/>. 1 to 1,000,000.</summary>
    public int Capacity { get; init; } = 32_768;

    /// <summary>A group is committed as soon as it holds this many records. 1 to 10,000.</summary>
    public int GroupRecords { get; init; } = 1_024;

    /// <summary>How long a flush waits for more to flush while others are sending. 0 to 100 ms.</summary>
    public TimeSpan GroupWait { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Commits that were not flushed are flushed within this time. 10 ms to 1 minute.</summary>
    public TimeSpan FlushWithin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After a failed write the next is tried after this pause. 10 ms to 10 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Pages of 4 KiB in the write-ahead log before they are copied into the database. 1 to 100,000.</summary>
    public int CheckpointPages { get; init; } = 4_000;

    /// <summary>From one such copy to the next, unless the log has grown to sixteen times as many pages: at the end of each, appends wait for some milliseconds. 0 to 1 minute.</summary>
    public TimeSpan FoldEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Memory for what was reported of units lately, where a feature looks back, in bytes. 1 MB to 64 GB.</summary>
    public long HistoryBytes { get; init; } = 64L << 20;

    /// <summary>Added to the connection string of every connection; for tests that put a faulty file system underneath.</summary>
    public string? FileSystem { get; init; }

    public static JournalOptions In(string dataDirectory) => new() { Path = System.IO.Path.GetFullPath("events.db", System.IO.Path.GetFullPath(dataDirectory)) };
}

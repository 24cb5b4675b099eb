using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Flushes the write-ahead log of a connection without the connection: from any thread, while its own thread writes on. A commit that was
/// over when the flush began is on disk when it has ended; so is all that was committed before.</summary>
/// <remarks>It is how SQLite itself flushes at <c>synchronous = FULL</c>. Flushes go one at a time: the system tells of a failure once, and only one of
/// two that wait would hear of it.</remarks>
internal sealed class LogFlush
{
    private readonly Lock _one = new();
    private readonly OpenFile _file;

    /// <param name="connection">In WAL mode, with a transaction behind it: its log is open as long as it is.</param>
    public unsafe LogFlush(SqliteConnection connection)
    {
        _file = OpenFile.Log(connection);
        GatheredLog.Over(_file.Pointer);
    }

    /// <summary>Returns when the log is on disk.</summary>
    /// <exception cref="SqliteException">With the extended code of a failed flush: what was not flushed may be lost for good.</exception>
    public void Run()
    {
        lock (_one) _file.Flush();
    }

    /// <summary>Does what flushes by itself; no flush of the log runs meanwhile.</summary>
    public void Alone(Action work)
    {
        lock (_one) work();
    }
}

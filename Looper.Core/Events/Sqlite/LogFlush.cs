using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Looper.Core.Events.Sqlite;

/// <summary>Flushes the write-ahead log of a connection without the connection: from any thread, while its own thread writes on. A commit that was
/// over when the flush began is on disk when it has ended; so is all that was committed before.</summary>
/// <remarks>It is how SQLite itself flushes at <c>synchronous = FULL</c>. Flushes go one at a time: the system tells of a failure once, and only one of
/// two that wait would hear of it. So a failure is final: whoever comes after it hears of it too, also where it was work that went alone which failed.</remarks>
internal sealed class LogFlush
{
    private readonly Lock _one = new();
    private readonly OpenFile _file;
    private readonly Action _flush;
    private SqliteException? _fault;

    /// <param name="connection">In WAL mode, with a transaction behind it: its log is open as long as it is.</param>
    public unsafe LogFlush(SqliteConnection connection)
    {
        _file = OpenFile.Log(connection);
        _flush = _file.Flush;
        GatheredLog.Over(_file.Pointer);
    }

    /// <summary>Returns when the log is on disk.</summary>
    /// <exception cref="SqliteException">With the extended code of a failed flush: what was not flushed may be lost for good.</exception>
    public void Run()
    {
        Alone(_flush);
    }

    /// <summary>Does what flushes by itself; no flush of the log runs meanwhile.</summary>
    public void Alone(Action work)
    {
        lock (_one)
        {
            if (_fault is not null) throw _fault;
            try
            {
                work();
            }
            catch (SqliteException fault) when (IsFailed(fault))
            {
                _fault = fault;
                throw;
            }
        }
    }

    /// <summary>It says that a flush has failed, of whichever file.</summary>
    public static bool IsFailed(Exception fault) => fault is SqliteException { SqliteExtendedErrorCode: SQLITE_IOERR_FSYNC or SQLITE_IOERR_DIR_FSYNC };
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Looper.Core.Events.Sqlite;

/// <summary>Flushes the write-ahead log of a connection without the connection: from any thread, while its own thread writes on. A commit that was
/// over when the flush began is on disk when it has ended; so is all that was committed before.</summary>
/// <remarks>It is the call by which SQLite itself flushes at <c>synchronous = FULL</c> (<c>xSync</c> of the log's file, sqlite3.h), through the same
/// file system. Flushes go one at a time: the system tells of a failure once, and only one of two that wait would hear of it.</remarks>
internal sealed unsafe partial class LogFlush
{
    private const int JournalPointer = 28; // SQLITE_FCNTL_JOURNAL_POINTER
    private const int SyncMethod = 5, Normal = 2; // place of xSync in sqlite3_io_methods, SQLITE_SYNC_NORMAL

    private readonly Lock _one = new();
    private readonly nint* _file;

    /// <param name="connection">In WAL mode, with a transaction behind it: its log is open as long as it is.</param>
    public LogFlush(SqliteConnection connection)
    {
        nint* file = null;
        var name = "main\0"u8;
        int code;
        fixed (byte* main = name) code = sqlite3_file_control(connection.Handle!.DangerousGetHandle(), main, JournalPointer, &file);
        if (code != 0 || file is null || *file == 0) throw new SqliteException("The write-ahead log is not open.", SQLITE_CANTOPEN);
        _file = file;
        GatheredLog.Over(file);
    }

    /// <summary>Returns when the log is on disk.</summary>
    /// <exception cref="SqliteException">With the extended code of a failed flush: what was not flushed may be lost for good.</exception>
    public void Run()
    {
        int code;
        lock (_one) code = ((delegate* unmanaged[Cdecl]<nint*, int, int>)((nint*)*_file)[SyncMethod])(_file, Normal);
        if (code != 0) throw new SqliteException("The write-ahead log could not be flushed.", SQLITE_IOERR, code == SQLITE_IOERR_DIR_FSYNC ? code : SQLITE_IOERR_FSYNC);
    }

    /// <summary>Does what flushes by itself; no flush of the log runs meanwhile.</summary>
    public void Alone(Action work)
    {
        lock (_one) work();
    }

    [LibraryImport("e_sqlite3")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int sqlite3_file_control(nint connection, byte* name, int operation, void* argument);
}

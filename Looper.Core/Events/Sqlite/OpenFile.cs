using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Looper.Core.Events.Sqlite;

/// <summary>A file that a connection has open, the database or its write-ahead log, as SQLite's own file system sees it: flushed by the call that SQLite would make (<c>xSync</c>,
/// sqlite3.h), from any thread, without the connection.</summary>
internal sealed unsafe partial class OpenFile
{
    private const int DatabasePointer = 7, LogPointer = 28; // SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER
    private const int SyncMethod = 5, Normal = 2; // place of xSync in sqlite3_io_methods, SQLITE_SYNC_NORMAL

    private readonly string _name;

    private OpenFile(SqliteConnection connection, int which, string name)
    {
        nint* file = null;
        var main = "main\0"u8;
        int code;
        fixed (byte* database = main) code = sqlite3_file_control(connection.Handle!.DangerousGetHandle(), database, which, &file);
        if (code != 0 || file is null || *file == 0) throw new SqliteException($"The {name} is not open.", SQLITE_CANTOPEN);
        Pointer = file;
        _name = name;
    }

    /// <summary>SQLite's <c>sqlite3_file</c>; its first word points at its methods.</summary>
    public nint* Pointer { get; }

    public static OpenFile Database(SqliteConnection connection) => new(connection, DatabasePointer, "database");

    /// <param name="connection">In WAL mode, with a transaction behind it: its log is open as long as it is.</param>
    public static OpenFile Log(SqliteConnection connection) => new(connection, LogPointer, "write-ahead log");

    /// <summary>Returns when all that was written to it is on disk.</summary>
    /// <exception cref="SqliteException">With the extended code of a failed flush: what was not flushed may be lost for good.</exception>
    public void Flush()
    {
        var code = ((delegate* unmanaged[Cdecl]<nint*, int, int>)((nint*)*Pointer)[SyncMethod])(Pointer, Normal);
        if (code != 0) throw new SqliteException($"The {_name} could not be flushed.", SQLITE_IOERR, code == SQLITE_IOERR_DIR_FSYNC ? code : SQLITE_IOERR_FSYNC);
    }

    [LibraryImport("e_sqlite3")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int sqlite3_file_control(nint connection, byte* name, int operation, void* argument);
}

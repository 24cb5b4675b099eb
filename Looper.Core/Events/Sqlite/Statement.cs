using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Looper.Core.Events.Sqlite;

/// <summary>A prepared statement used many times: binds spans and reads spans, so a row costs no garbage. Parameters and columns count from 0.</summary>
internal sealed unsafe partial class Statement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly nint _handle;

    public Statement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        Check(sqlite3_prepare_v3(_database, sql, SQLITE_PREPARE_PERSISTENT, out _statement));
        _handle = _statement.DangerousGetHandle();
    }

    public Statement Bind(int parameter, long value)
    {
        Check(BindNumber(_handle, parameter + 1, value));
        return this;
    }

    public Statement Bind(int parameter, double value)
    {
        Check(sqlite3_bind_double(_statement, parameter + 1, value));
        return this;
    }

    public Statement Bind(int parameter, ReadOnlySpan<byte> blob)
    {
        Check(sqlite3_bind_blob(_statement, parameter + 1, blob));
        return this;
    }

    /// <summary>Bytes that stay where they are until the statement has run: SQLite takes no copy of them.</summary>
    public Statement BindInPlace(int parameter, byte* bytes, int length, bool isBlob)
    {
        Check(isBlob ? BindBlob(_handle, parameter + 1, bytes, length, 0) : BindText(_handle, parameter + 1, bytes, length, 0));
        return this;
    }

    public Statement BindText(int parameter, ReadOnlySpan<byte> utf8)
    {
        Check(sqlite3_bind_text(_statement, parameter + 1, utf8));
        return this;
    }

    public Statement BindNull(int parameter)
    {
        Check(sqlite3_bind_null(_statement, parameter + 1));
        return this;
    }

    /// <summary>True on a row, false at the end; then the statement is ready for its next use.</summary>
    public bool Step()
    {
        var code = sqlite3_step(_statement);
        if (code == SQLITE_ROW) return true;
        var reset = sqlite3_reset(_statement);
        if (code != SQLITE_DONE) Check(reset == SQLITE_OK ? code : reset);
        return false;
    }

    /// <summary>Runs a statement that gives no rows.</summary>
    public void Run()
    {
        while (Step()) continue;
    }

    /// <summary>Leaves a row before the end.</summary>
    public void Reset() => sqlite3_reset(_statement);

    public long Int64(int column) => ColumnInt64(_handle, column);
    public double Number(int column) => ColumnNumber(_handle, column);
    public bool IsNull(int column) => ColumnType(_handle, column) == SQLITE_NULL;
    public bool IsBlob(int column) => ColumnType(_handle, column) == SQLITE_BLOB;

    /// <summary>Bytes of a blob or a text; valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column)
    {
        var bytes = ColumnBlob(_handle, column);
        return bytes is null ? default : new(bytes, ColumnBytes(_handle, column)); // null also where there is no memory for it
    }

    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code != SQLITE_OK) SqliteException.ThrowExceptionForRC(code, _database);
    }

    // What is bound and read for every row: called without the safe handles and the transition that other calls have, which take longer than the work.
    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_bind_int64"), SuppressGCTransition, UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int BindNumber(nint statement, int parameter, long value);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_bind_blob"), SuppressGCTransition, UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int BindBlob(nint statement, int parameter, byte* bytes, int length, nint whatFreesThem);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_bind_text"), SuppressGCTransition, UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int BindText(nint statement, int parameter, byte* bytes, int length, nint whatFreesThem);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_column_int64"), SuppressGCTransition, UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial long ColumnInt64(nint statement, int column);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_column_double"), SuppressGCTransition, UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial double ColumnNumber(nint statement, int column);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_column_type"), SuppressGCTransition, UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int ColumnType(nint statement, int column);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_column_blob"), SuppressGCTransition, UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial byte* ColumnBlob(nint statement, int column);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_column_bytes"), SuppressGCTransition, UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int ColumnBytes(nint statement, int column);
}

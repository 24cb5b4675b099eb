using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Looper.Core.Events.Sqlite;

/// <summary>A prepared statement used many times: binds spans and reads spans, so a row costs no garbage. Parameters and columns count from 0.</summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public Statement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        Check(sqlite3_prepare_v3(_database, sql, SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    public Statement Bind(int parameter, long value)
    {
        Check(sqlite3_bind_int64(_statement, parameter + 1, value));
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

    public long Int64(int column) => sqlite3_column_int64(_statement, column);
    public double Number(int column) => sqlite3_column_double(_statement, column);
    public bool IsNull(int column) => sqlite3_column_type(_statement, column) == SQLITE_NULL;
    public bool IsBlob(int column) => sqlite3_column_type(_statement, column) == SQLITE_BLOB;

    /// <summary>Bytes of a blob or a text; valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => sqlite3_column_blob(_statement, column);

    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code != SQLITE_OK) SqliteException.ThrowExceptionForRC(code, _database);
    }
}

using Microsoft.Data.Sqlite;

namespace Looper.Core.Persistence.Sqlite;

/// <summary>Copies the write-ahead log into the database while nobody can commit.</summary>
/// <remarks>SQLite before 3.51.3 may lose a commit that resets the log while another connection checkpoints. The one that comes with us is later, but
/// nobody waits here, so one connection holds the write lock, a second one checkpoints, and the first lets go without having written.</remarks>
public sealed class SqliteCheckpoint(DataDirectory directory)
{
    private readonly Lock _one = new(); // SQLite lets a second one fail at once
    private readonly string _connection = new SqliteConnectionStringBuilder
    {
        DataSource = directory.File("looper.db"), Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 10,
    }.ToString();

    public long LogBytes => new FileInfo(directory.File("looper.db-wal")) is { Exists: true } log ? log.Length : 0;

    /// <returns>Frames in the log and frames copied; equal when nothing was left behind.</returns>
    public (int Frames, int Copied) Run()
    {
        using var alone = _one.EnterScope();
        using var holder = Open();
        using var checkpointer = Open();
        using var hold = holder.BeginTransaction(deferred: false);
        using var command = checkpointer.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
        using var row = command.ExecuteReader();
        row.Read();
        return (row.GetInt32(1), row.GetInt32(2));
    }

    /// <summary>Copies all of the log and empties it, so that nothing of what was overwritten is left there.</summary>
    /// <returns>False where somebody who reads or writes kept it from ending for five seconds.</returns>
    public bool Empty()
    {
        using var alone = _one.EnterScope();
        if (LogBytes == 0) return true;
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        using var row = command.ExecuteReader();
        row.Read();
        return row.GetInt32(0) == 0;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connection);
        connection.Open();
        SqlitePragmas.Apply(connection);
        return connection;
    }
}

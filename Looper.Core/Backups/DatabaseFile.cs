using Microsoft.Data.Sqlite;

namespace Looper.Core.Backups;

internal static class DatabaseFile
{
    /// <exception cref="InvalidDataException">Its pages contradict each other.</exception>
    public static void Check(string path)
    {
        using var connection = Open(path);
        using var check = connection.CreateCommand();
        (check.CommandText, check.CommandTimeout) = ("PRAGMA integrity_check(1)", 0);
        var found = (string?)check.ExecuteScalar();
        if (found != "ok") throw new InvalidDataException($"{path} is damaged: {found}.");
    }

    /// <summary>A copy has forgotten that readers and a writer shall not wait for each other.</summary>
    public static void UseLog(string path)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        connection.Open();
        using var set = connection.CreateCommand();
        set.CommandText = "PRAGMA journal_mode = WAL";
        if (set.ExecuteScalar() is not "wal") throw new IOException($"{path} lies on a file system without shared memory. Give a directory on a local disk.");
    }

    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}

using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Opens connections to the events database. Settings belong to a connection and outlive their user in a pool, so each is
/// set at every open. One connection commits, one folds the log beside it; every other is read-only.</summary>
internal static class EventFile
{
    public const int Version = 4, BusyTimeout = 5_000; // of locks that others hold, in milliseconds

    private const int LongRows = 3; // the same tables, longer payloads and served rows, which are read as well

    // EXTRA while the file is made: the rollback journal of the first page must not come back after a power cut and undo all. FULL for the
    // schema. NORMAL from then on: commits are flushed by LogFlush, not one by one by SQLite. The cache is small because every commit looks
    // through all of it, and appends touch the ends of the tables and indexes only.
    public static SqliteConnection OpenForWriting(JournalOptions options)
    {
        var connection = new SqliteConnection(ConnectionString(options, SqliteOpenMode.ReadWriteCreate));
        try
        {
            connection.Open();
            Execute(connection, $"""
                PRAGMA busy_timeout = {BusyTimeout};
                PRAGMA synchronous = EXTRA;
                PRAGMA auto_vacuum = INCREMENTAL;
                PRAGMA journal_mode = WAL;
                PRAGMA wal_autocheckpoint = 0;
                PRAGMA synchronous = FULL;
                PRAGMA cache_size = -8192;
                PRAGMA temp_store = MEMORY;
                PRAGMA journal_size_limit = 268435456;
                PRAGMA secure_delete = ON;
                """);
            Upgrade(connection);
            Execute(connection, ErasureNotes.Table + RemovalNotes.Table + RefillNote.Table + CountTables.Versions);
            Execute(connection, "PRAGMA synchronous = NORMAL");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>To copy the log into the database, beside the writer.</summary>
    public static SqliteConnection OpenForFolding(JournalOptions options)
    {
        var connection = new SqliteConnection(ConnectionString(options, SqliteOpenMode.ReadWrite));
        try
        {
            connection.Open();
            Execute(connection, $"PRAGMA busy_timeout = {BusyTimeout}; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -256; PRAGMA journal_size_limit = 268435456;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static SqliteConnection OpenForReading(JournalOptions options)
    {
        var connection = new SqliteConnection(ConnectionString(options, SqliteOpenMode.ReadOnly));
        try
        {
            connection.Open();
            Execute(connection, $"PRAGMA busy_timeout = {BusyTimeout}; PRAGMA query_only = ON; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Scalar(SqliteConnection connection, string sql)
    {
        using var statement = new Statement(connection, sql);
        var value = statement.Step() ? statement.Int64(0) : 0;
        statement.Reset();
        return value;
    }

    private static string ConnectionString(JournalOptions options, SqliteOpenMode mode) => new SqliteConnectionStringBuilder
    {
        DataSource = options.Path,
        Mode = mode,
        Pooling = false,
        Vfs = options.FileSystem,
    }.ToString();

    private static void Upgrade(SqliteConnection connection)
    {
        var version = Scalar(connection, "PRAGMA user_version");
        if (version > Version)
        {
            throw new InvalidDataException(
                $"'{connection.DataSource}' has version {version}, this Looper knows up to {Version}. Start the newer Looper, or restore a backup from before the upgrade.");
        }
        if (version is > 0 and < LongRows)
        {
            throw new InvalidDataException(
                $"'{connection.DataSource}' has version {version}, from before the first release, and cannot be read. Move it away and start again, or go back to the Looper that wrote it.");
        }
        if (version == LongRows) Execute(connection, $"PRAGMA user_version = {Version}");
        if (version == 0) Execute(connection, $"BEGIN IMMEDIATE; {Schema} PRAGMA user_version = {Version}; COMMIT;");
    }

    // Times are UTC ticks. `unit` is a hash; the name is in the payload. `hour` is ticks / ticks per hour.
    // Every index but one by unit grows at its end when ids are UUID v7, so an append costs the same however much is stored. Decisions
    // of a unit are found by UnitEras.
    // An observation's id derived from its content is unique within the decision it names; others are unique over all.
    // `counted` says up to which row the counts reach; writing it also is the heartbeat that makes a commit flush.
    private const string Schema = $"""
        CREATE TABLE points (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE) STRICT;
        CREATE TABLE decisions (
          seq INTEGER PRIMARY KEY, id ANY NOT NULL, point INTEGER NOT NULL, time INTEGER NOT NULL, unit INTEGER NOT NULL,
          marks INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
        CREATE UNIQUE INDEX decisions_id ON decisions (id);
        CREATE INDEX decisions_point_time ON decisions (point, time);
        CREATE TABLE unit_eras (era INTEGER PRIMARY KEY, units BLOB NOT NULL) STRICT;
        CREATE TABLE observations (
          seq INTEGER PRIMARY KEY, id ANY NOT NULL, decision ANY, unit INTEGER, time INTEGER NOT NULL,
          marks INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
        CREATE UNIQUE INDEX observations_id ON observations (id) WHERE {ObservationTable.UniqueOverAll};
        CREATE UNIQUE INDEX observations_decision ON observations (decision, id) WHERE decision IS NOT NULL;
        CREATE INDEX observations_unit ON observations (unit, time) WHERE unit IS NOT NULL;
        CREATE TABLE unmatched (decision ANY PRIMARY KEY) STRICT, WITHOUT ROWID;
        CREATE TABLE activity (
          point INTEGER PRIMARY KEY, decisions INTEGER NOT NULL, first_decision_at INTEGER, last_decision_at INTEGER,
          outcomes INTEGER NOT NULL, first_outcome_at INTEGER, last_outcome_at INTEGER) STRICT;
        CREATE TABLE decision_hours (
          point INTEGER, hour INTEGER, option INTEGER, reason INTEGER, decisions INTEGER NOT NULL,
          PRIMARY KEY (point, hour, option, reason)) STRICT, WITHOUT ROWID;
        CREATE TABLE outcome_hours (
          point INTEGER, hour INTEGER, outcome TEXT, observations INTEGER NOT NULL, total REAL NOT NULL,
          PRIMARY KEY (point, hour, outcome)) STRICT, WITHOUT ROWID;
        CREATE TABLE counted (only INTEGER PRIMARY KEY CHECK (only = 1), decisions INTEGER NOT NULL, observations INTEGER NOT NULL, beats INTEGER NOT NULL) STRICT;
        INSERT INTO counted VALUES (1, 0, 0, 0);
        """;
}

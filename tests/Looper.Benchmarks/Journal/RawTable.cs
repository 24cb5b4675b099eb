using System.Diagnostics;
using Looper.Core.Events.Sqlite;
using Looper.Testing;
using Microsoft.Data.Sqlite;

namespace Looper.Benchmarks.Journal;

/// <summary>The baseline of the journal: prepared inserts, a row a statement, into a table of seven columns without any index.</summary>
internal static class RawTable
{
    /// <param name="synchronous">FULL where each transaction is on disk, else NORMAL.</param>
    /// <param name="groups">A transaction each.</param>
    /// <param name="bind">Binds the six columns after the number.</param>
    /// <returns>Seconds it took.</returns>
    public static double Fill<T>(string synchronous, IEnumerable<T[]> groups, Action<Statement, T> bind)
    {
        using var folder = new TemporaryDirectory();
        using var connection = new SqliteConnection($"Data Source={folder.File("raw.db")};Pooling=False");
        connection.Open();
        EventFile.Execute(connection, $"""
            PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = 2000; PRAGMA cache_size = -32768;
            CREATE TABLE rows (seq INTEGER PRIMARY KEY, a ANY, b ANY, c ANY, d ANY, e ANY, payload BLOB) STRICT;
            """);
        using var insert = new Statement(connection, "INSERT INTO rows VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        GC.Collect();
        var started = Stopwatch.GetTimestamp();
        var seq = 0L;
        foreach (var group in groups)
        {
            EventFile.Execute(connection, "BEGIN IMMEDIATE");
            foreach (var row in group)
            {
                bind(insert.Bind(0, ++seq), row);
                insert.Run();
            }
            EventFile.Execute(connection, "COMMIT");
        }
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}

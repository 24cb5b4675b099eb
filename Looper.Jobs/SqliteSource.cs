using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Looper.Jobs;

/// <summary>
/// Connections to the scheduler's own file. It keeps SQLite's rollback journal instead of a write-ahead log: a few small
/// transactions a minute need no concurrency, and without that log the trap of checkpointing it beside a commit does not exist.
/// </summary>
internal sealed class SqliteSource(string connectionString) : DbDataSource
{
    public override string ConnectionString => connectionString;

    protected override DbConnection CreateDbConnection() => new PragmaConnection(connectionString);

    private sealed class PragmaConnection(string connectionString) : SqliteConnection(connectionString)
    {
        public override void Open()
        {
            base.Open();
            using var command = CreateCommand();
            command.CommandText = "PRAGMA busy_timeout=5000; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;";
            command.ExecuteNonQuery();
        }
    }
}

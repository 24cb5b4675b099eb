using Looper.Core;
using Looper.Core.Persistence;
using Looper.Core.Persistence.Postgres;
using Looper.Core.Persistence.SqlServer;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Looper.Testing.Servers;

/// <summary>Migrated empty databases on the servers that are here.</summary>
public static class ServerDatabases
{
    /// <summary>A connection string to a SQL Server on which databases may be made. None can be installed here, so it must be given.</summary>
    public const string SqlServerVariable = "LOOPER_TEST_SQLSERVER";

    private static readonly Lazy<Task<string>> s_template = new(MakeTemplateAsync);

    /// <summary>Which database tests run on that do not say: <c>LOOPER_TEST_DATABASE</c>, else SQLite.</summary>
    public static DatabaseKind OfThisRun { get; } = Enum.Parse<DatabaseKind>(Environment.GetEnvironmentVariable("LOOPER_TEST_DATABASE") is { Length: > 0 } named ? named : nameof(DatabaseKind.Sqlite));

    /// <summary>Why tests of this database are skipped; null when they can run.</summary>
    public static string? Absent(DatabaseKind kind) => kind switch
    {
        DatabaseKind.Postgres when !PostgresServer.IsHere => PostgresServer.Absent,
        DatabaseKind.SqlServer when Environment.GetEnvironmentVariable(SqlServerVariable) is null or "" => $"No SQL Server is given: put a connection string into {SqlServerVariable}.",
        _ => null,
    };

    /// <summary>A database of its own for one test, more patient than <see cref="ServerConnection"/>: the server is there, but the machine may be busy.</summary>
    /// <returns>Null for SQLite, which needs none.</returns>
    public static async Task<string?> CreateAsync(DatabaseKind kind)
    {
        if (kind == DatabaseKind.Sqlite) return null;
        if (kind == DatabaseKind.Postgres)
        {
            var template = new NpgsqlConnectionStringBuilder(await s_template.Value).Database;
            return await (await PostgresServer.SharedAsync()).CreateDatabaseAsync(template) + ";Timeout=60;Command Timeout=60";
        }
        var name = new SqlConnectionStringBuilder(Environment.GetEnvironmentVariable(SqlServerVariable)) { InitialCatalog = $"looper_test_{Guid.CreateVersion7():N}" }.ToString();
        await using var db = new SqlServerLooperDb(new DbContextOptionsBuilder<SqlServerLooperDb>().UseSqlServer(name).Options);
        await db.Database.MigrateAsync();
        return name;
    }

    private static async Task<string> MakeTemplateAsync()
    {
        var made = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync() + ";Pooling=false";
        await using var db = new PostgresLooperDb(new DbContextOptionsBuilder<PostgresLooperDb>().UseNpgsql(made).Options);
        await db.Database.MigrateAsync();
        return made;
    }
}

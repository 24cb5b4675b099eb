using Looper.Core.Persistence;
using Looper.Core.Persistence.Postgres;
using Looper.Core.Persistence.Sqlite;
using Looper.Core.Persistence.SqlServer;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Looper.Migrations;

// Found by dotnet-ef by their interface. None connects: a migration is written from the model alone.

internal sealed class SqliteDesign : IDesignTimeDbContextFactory<SqliteLooperDb>
{
    public SqliteLooperDb CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<SqliteLooperDb>();
        PersistenceSetup.UseSqlite(options, "design.db");
        return new SqliteLooperDb(options.Options);
    }
}

internal sealed class SqlServerDesign : IDesignTimeDbContextFactory<SqlServerLooperDb>
{
    public SqlServerLooperDb CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<SqlServerLooperDb>().UseSqlServer("Server=design").Options);
}

internal sealed class PostgresDesign : IDesignTimeDbContextFactory<PostgresLooperDb>
{
    public PostgresLooperDb CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<PostgresLooperDb>().UseNpgsql("Host=design").Options);
}

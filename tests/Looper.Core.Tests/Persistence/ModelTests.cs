using Looper.Core.Persistence;
using Looper.Core.Persistence.Postgres;
using Looper.Core.Persistence.Sqlite;
using Looper.Core.Persistence.SqlServer;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Looper.Core.Tests.Persistence;

public class ModelTests
{
    public static TheoryData<string> Databases => ["Sqlite", "SqlServer", "Postgres"];

    [Theory, MemberData(nameof(Databases))]
    public void The_migrations_of_every_database_match_the_model(string database)
    {
        using var db = Of(database);
        Assert.False(db.Database.HasPendingModelChanges(), $"The model changed and {database} has no migration for it: run eng/migrations.sh.");
    }

    [Theory, MemberData(nameof(Databases))]
    public void Every_database_writes_the_script_that_makes_its_tables(string database)
    {
        using var db = Of(database);
        var script = db.GetService<IMigrator>().GenerateScript(options: database == "Sqlite" ? MigrationsSqlGenerationOptions.Default : MigrationsSqlGenerationOptions.Idempotent);
        foreach (var table in db.Model.GetEntityTypes().Select(e => e.GetTableName()!).Distinct())
            Assert.Matches($"""CREATE TABLE ("{table}"|\[{table}\]|{table}) \(""", script);
    }

    [Theory, MemberData(nameof(Databases))]
    public void Every_name_in_the_database_is_snake_case(string database)
    {
        using var db = Of(database);
        foreach (var entity in db.GetService<IDesignTimeModel>().Model.GetEntityTypes())
        {
            var table = StoreObjectIdentifier.Table(entity.GetTableName()!, entity.GetSchema());
            Assert.Matches("^[a-z0-9_]+$", table.Name);
            Assert.All(entity.GetProperties(), p => Assert.Matches("^[a-z0-9_]+$", p.GetColumnName(table)));
            Assert.All(entity.GetIndexes(), i => Assert.Matches("^[a-z0-9_]+$", i.GetDatabaseName()));
        }
    }

    [Theory, MemberData(nameof(Databases))]
    public void A_text_that_is_indexed_or_a_key_is_bounded(string database)
    {
        using var db = Of(database);
        var texts = db.GetService<IDesignTimeModel>().Model.GetEntityTypes()
            .SelectMany(e => e.GetIndexes().SelectMany(i => i.Properties).Concat(e.GetKeys().SelectMany(k => k.Properties)))
            .Where(p => p.ClrType == typeof(string));
        Assert.All(texts, p => Assert.InRange(p.GetMaxLength() ?? int.MaxValue, 1, 450));
    }

    private static LooperDb Of(string database) => database switch
    {
        "SqlServer" => new SqlServerLooperDb(new DbContextOptionsBuilder<SqlServerLooperDb>().UseSqlServer("Server=none").Options),
        "Postgres" => new PostgresLooperDb(new DbContextOptionsBuilder<PostgresLooperDb>().UseNpgsql("Host=none").Options),
        _ => new SqliteLooperDb(new DbContextOptionsBuilder<SqliteLooperDb>().UseSqlite("Data Source=none").Options),
    };
}

using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Core.Persistence.Sqlite;
using Looper.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Tests.Persistence;

public class DatabaseStartTests
{
    [Fact]
    public async Task A_first_start_makes_the_database_and_the_next_changes_nothing()
    {
        using var directory = new TemporaryDirectory();
        await using (var first = Services(directory.Path)) await first.GetRequiredService<DatabaseStart>().OpenAsync(default);
        SqliteConnection.ClearAllPools();
        var written = await File.ReadAllBytesAsync(directory.File("looper.db"));
        await using (var second = Services(directory.Path)) await second.GetRequiredService<DatabaseStart>().OpenAsync(default);
        SqliteConnection.ClearAllPools();
        Assert.Equal(written, await File.ReadAllBytesAsync(directory.File("looper.db")));
        Assert.False(Directory.Exists(directory.File("backups")));
    }

    [Fact]
    public async Task An_older_database_is_copied_before_it_is_migrated_and_the_copy_opens()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AsIfOlderAsync(database);
        await database.Get<DatabaseStart>().OpenAsync(default);
        await using (var db = await database.Databases.CreateDbContextAsync()) Assert.Empty(await db.Database.GetPendingMigrationsAsync());
        var copy = Assert.Single(Directory.GetFiles(Path.Combine(database.Directory, "backups"), "looper-*.db"));
        Assert.Equal("older", Scalar(copy, "SELECT value FROM kept"));
        Assert.Equal("ok", Scalar(copy, "PRAGMA integrity_check"));
        var made = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        File.SetLastWriteTimeUtc(copy, made.UtcDateTime);
        database.Get<MigrationCopies>().RemoveOlderThan(made);
        Assert.True(File.Exists(copy));
        database.Get<MigrationCopies>().RemoveOlderThan(made.AddDays(1)); // it may name units that were erased since
        Assert.False(File.Exists(copy));
    }

    [Fact]
    public async Task R14_a_lock_left_by_a_killed_migration_is_removed()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AsIfOlderAsync(database);
        Execute(database, "CREATE TABLE IF NOT EXISTS __EFMigrationsLock (Id INTEGER PRIMARY KEY, Timestamp TEXT NOT NULL)");
        Execute(database, "INSERT OR REPLACE INTO __EFMigrationsLock VALUES (1, '2026-01-01 00:00:00')");
        await database.Get<DatabaseStart>().OpenAsync(new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);
        await using var db = await database.Databases.CreateDbContextAsync();
        Assert.Empty(await db.Database.GetPendingMigrationsAsync());
    }

    [Fact]
    public async Task A_database_newer_than_the_program_is_refused_with_a_sentence()
    {
        await using var database = await TestDatabase.CreateAsync();
        Execute(database, "INSERT INTO __EFMigrationsHistory VALUES ('20991231235959_Later', '99.0')");
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => database.Get<DatabaseStart>().OpenAsync(default));
        Assert.Contains("newer Looper (20991231235959_Later)", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void R14_a_second_process_on_the_directory_is_refused_naming_the_first()
    {
        using var directory = new TemporaryDirectory();
        using var first = Services(directory.Path);
        using var second = Services(directory.Path);
        first.GetRequiredService<DataDirectory>().Open();
        var refused = Assert.Throws<StartRefusedException>(second.GetRequiredService<DataDirectory>().Open);
        Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        first.Dispose();
        second.GetRequiredService<DataDirectory>().Open();
    }

    [Theory]
    [InlineData("nfs", true)]
    [InlineData("cifs", true)]
    [InlineData("ext4", false)]
    [InlineData("overlay", false)]
    public void A_network_file_system_is_known_by_its_name(string format, bool isNetwork) => Assert.Equal(isNetwork, DataDirectory.IsNetwork(format));

    [Fact]
    public void A_data_directory_that_cannot_be_made_is_refused_with_what_to_change()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "file");
        File.WriteAllText(file, "");
        using var taken = new DataDirectory(Microsoft.Extensions.Options.Options.Create(new LooperOptions { DataDirectory = Path.Combine(file, "below") }));
        Assert.Contains("Looper:DataDirectory", Assert.Throws<StartRefusedException>(taken.Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_data_directory_is_for_its_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        if (OperatingSystem.IsWindows()) return;
        using var parent = new TemporaryDirectory();
        using var services = Services(parent.File("data"));
        services.GetRequiredService<DataDirectory>().Open();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(parent.File("data")));
    }

    [Fact]
    public async Task T1_no_connection_checkpoints_by_itself()
    {
        await using var database = await TestDatabase.CreateAsync();
        for (var i = 0; i < 3; i++) // again out of the pool, where somebody else's pragmas could stand
        {
            await using var db = await database.Databases.CreateDbContextAsync();
            Assert.Equal(0, await PragmaAsync(db, "wal_autocheckpoint"));
            Assert.Equal(2, await PragmaAsync(db, "synchronous"));
            Assert.Equal(5000, await PragmaAsync(db, "busy_timeout"));
            await db.Database.ExecuteSqlRawAsync("PRAGMA wal_autocheckpoint=1000; PRAGMA synchronous=OFF");
        }
    }

    [Fact]
    public async Task T1_the_checkpoint_empties_the_log_and_loses_nothing_beside_writers()
    {
        await using var database = await TestDatabase.CreateAsync();
        database.Get<DataDirectory>().Open();
        var checkpoint = database.Get<SqliteCheckpoint>();
        var writers = Enumerable.Range(0, 2).Select(w => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await using var db = await database.Databases.CreateDbContextAsync();
                db.Add(new Setting { Key = $"{w}-{i}", Value = new string('x', 2_000) });
                await db.SaveChangesAsync();
            }
        })).ToList();
        while (writers.Any(w => !w.IsCompleted)) checkpoint.Run();
        await Task.WhenAll(writers);
        var (frames, copied) = checkpoint.Run();
        Assert.Equal(frames, copied);
        await using var check = await database.Databases.CreateDbContextAsync();
        Assert.Equal(200, await check.Set<Setting>().CountAsync());
        Assert.Equal("ok", Scalar(Path.Combine(database.Directory, "looper.db"), "PRAGMA integrity_check"));
    }

    private static ServiceProvider Services(string directory) => new ServiceCollection().AddLogging().AddCore().AddPersistence().AddAccess()
        .Configure<LooperOptions>(o => o.DataDirectory = directory).BuildServiceProvider();

    /// <summary>With something in it, but without what the last migration made.</summary>
    private static async Task AsIfOlderAsync(TestDatabase database)
    {
        await using var db = await database.Databases.CreateDbContextAsync();
        Execute(database, "PRAGMA foreign_keys=OFF; " + string.Concat(db.Model.GetEntityTypes().Select(e => $"DROP TABLE {e.GetTableName()};")));
        Execute(database, "CREATE TABLE kept (value TEXT); INSERT INTO kept VALUES ('older'); DELETE FROM __EFMigrationsHistory");
    }

    private static async Task<long> PragmaAsync(LooperDb db, string name)
    {
        await db.Database.OpenConnectionAsync();
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"PRAGMA {name}";
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static void Execute(TestDatabase database, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(database.Directory, "looper.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string Scalar(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (string)command.ExecuteScalar()!;
    }
}

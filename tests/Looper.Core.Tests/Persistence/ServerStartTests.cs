using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Testing.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Looper.Core.Tests.Persistence;

/// <summary>A start on a database server: several nodes share it.</summary>
public class ServerStartTests
{
    [Fact]
    public async Task R14_of_three_nodes_that_start_at_once_one_makes_and_migrates_the_database()
    {
        Assert.SkipUnless(PostgresServer.IsHere, PostgresServer.Absent);
        var server = await PostgresServer.SharedAsync();
        var missing = server.ConnectionString($"three_{Environment.ProcessId}");
        using var directory = new TemporaryDirectory();
        var nodes = Enumerable.Range(0, 3).Select(n => Services(directory.File($"node-{n}"), missing)).ToList();
        await Task.WhenAll(nodes.Select(n => n.GetRequiredService<DatabaseStart>().OpenAsync(default)));
        await using var db = await nodes[0].GetRequiredService<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        Assert.Empty(await db.Database.GetPendingMigrationsAsync());
        Assert.Equal(0, await db.Set<User>().CountAsync());
        foreach (var node in nodes) await node.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
    }

    [Fact]
    public async Task R14_a_lock_is_gone_with_the_process_that_held_it_and_waited_for_no_longer_than_asked()
    {
        Assert.SkipUnless(PostgresServer.IsHere, PostgresServer.Absent);
        await using var database = await TestDatabase.CreateAsync(kind: DatabaseKind.Postgres);
        await using var first = await database.Databases.CreateDbContextAsync();
        await using var second = await database.Databases.CreateDbContextAsync();
        var held = await first.HoldAsync("migrate", TimeSpan.FromSeconds(1), default);
        await Assert.ThrowsAsync<TimeoutException>(() => second.HoldAsync("migrate", TimeSpan.FromMilliseconds(300), default));
        await held.DisposeAsync();
        await using var again = await second.HoldAsync("migrate", TimeSpan.FromSeconds(5), default);
    }

    [Fact]
    public async Task A_server_database_newer_than_the_program_is_refused_with_a_sentence()
    {
        Assert.SkipUnless(PostgresServer.IsHere, PostgresServer.Absent);
        await using var database = await TestDatabase.CreateAsync(kind: DatabaseKind.Postgres);
        await using (var db = await database.Databases.CreateDbContextAsync())
            await db.Database.ExecuteSqlRawAsync("INSERT INTO \"__EFMigrationsHistory\" VALUES ('20991231235959_Later', '99.0')");
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => database.Get<DatabaseStart>().OpenAsync(default));
        Assert.Contains("newer Looper (20991231235959_Later)", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_from_one_that_says_no()
    {
        Assert.SkipUnless(PostgresServer.IsHere, PostgresServer.Absent);
        await using var database = await TestDatabase.CreateAsync(kind: DatabaseKind.Postgres);
        await using var db = await database.Databases.CreateDbContextAsync();
        Assert.False(DatabaseFaults.IsAway(await Assert.ThrowsAnyAsync<Exception>(() => db.Database.ExecuteSqlRawAsync("SELECT nothing FROM nowhere"))));
        await using var nowhere = Services(database.Directory, "Host=127.0.0.1;Port=1;Database=looper;Username=looper");
        Assert.True(DatabaseFaults.IsAway(await Assert.ThrowsAnyAsync<Exception>(() => nowhere.GetRequiredService<DatabaseStart>().OpenAsync(default))));
    }

    [Fact]
    public async Task A_server_that_refuses_the_account_is_told_from_one_that_refuses_a_statement()
    {
        Assert.SkipUnless(PostgresServer.IsHere, PostgresServer.Absent);
        await using var database = await TestDatabase.CreateAsync(kind: DatabaseKind.Postgres);
        var owner = database.Get<IOptions<LooperOptions>>().Value.ConnectionString!;
        var role = await GuardedRole.CreateAsync(owner, "right");
        await using var wrong = Services(database.Directory, role.ConnectionString("wrong"));
        var refused = await Assert.ThrowsAsync<PostgresException>(() => wrong.GetRequiredService<DatabaseStart>().OpenAsync(default));
        Assert.Equal((PostgresErrorCodes.InvalidPassword, true, true), (refused.SqlState, DatabaseFaults.IsRefusing(refused), DatabaseFaults.IsAway(refused)));

        await using var db = await database.Databases.CreateDbContextAsync();
        async Task<Exception> ThrownAsync(string statement) => await Assert.ThrowsAnyAsync<Exception>(() => db.Database.ExecuteSqlRawAsync(statement));
        await db.Database.OpenConnectionAsync();
        await db.Database.ExecuteSqlRawAsync("SET default_transaction_read_only = on");
        Assert.True(DatabaseFaults.IsRefusing(await ThrownAsync("DELETE FROM users")));
        await db.Database.ExecuteSqlRawAsync("SET default_transaction_read_only = off");
        await db.Database.ExecuteSqlRawAsync("CREATE ROLE nobody");
        await db.Database.ExecuteSqlRawAsync("SET ROLE nobody");
        Assert.True(DatabaseFaults.IsRefusing(await ThrownAsync("DELETE FROM users")));
        Assert.False(DatabaseFaults.IsRefusing(await ThrownAsync("SELECT nothing FROM nowhere")));
        await using var nowhere = Services(database.Directory, owner.Replace("Database=", "Database=not_", StringComparison.Ordinal));
        await using var missing = await nowhere.GetRequiredService<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        Assert.True(DatabaseFaults.IsRefusing(await Assert.ThrowsAnyAsync<Exception>(() => missing.Set<User>().CountAsync())));
    }

    [Theory]
    [InlineData(DatabaseKind.Postgres, "Host=db;Database=looper", "Timeout=3", "Command Timeout=5")]
    [InlineData(DatabaseKind.Postgres, "Host=db;Database=looper;Timeout=9;Command Timeout=60", "Timeout=9", "Command Timeout=60")]
    [InlineData(DatabaseKind.SqlServer, "Server=db;Database=looper", "Connect Timeout=3", "Command Timeout=5")]
    [InlineData(DatabaseKind.SqlServer, "Server=db;Database=looper;Connect Timeout=9", "Connect Timeout=9", "Command Timeout=5")]
    public void Patience_with_a_server_is_short_unless_the_operator_says_otherwise(DatabaseKind kind, string given, string connect, string command)
    {
        var complete = ServerConnection.Complete(kind, given);
        Assert.Contains(connect, complete, StringComparison.Ordinal);
        Assert.Contains(command, complete, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DatabaseKind.Postgres, null, "which needs Looper:ConnectionString, such as \"Host=")]
    [InlineData(DatabaseKind.Postgres, "Hots=db;Database=looper", "hots")]
    [InlineData(DatabaseKind.Postgres, "Host=db", "there is no Database in it")]
    [InlineData(DatabaseKind.SqlServer, "Database=looper", "there is no Server in it")]
    [InlineData(DatabaseKind.SqlServer, "Server=db;Database=looper;Encrypt=perhaps", "encrypt")]
    public void A_connection_string_that_cannot_be_used_is_refused_at_start_with_an_example(DatabaseKind kind, string? given, string told)
    {
        using var directory = new TemporaryDirectory();
        using var services = Services(directory.Path, given, kind);
        var refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<LooperOptions>>().Value);
        Assert.Contains(told, refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("such as", refused.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Services(string directory, string? connectionString, DatabaseKind kind = DatabaseKind.Postgres) => new ServiceCollection()
        .AddLogging().AddCore().AddPersistence().AddAccess()
        .Configure<LooperOptions>(o => (o.DataDirectory, o.Database, o.ConnectionString) = (directory, kind, connectionString)).BuildServiceProvider();
}

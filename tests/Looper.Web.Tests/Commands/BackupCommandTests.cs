using System.Data.Common;
using Looper.Core;
using Looper.Core.Events.Postgres;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Testing.Servers;
using Looper.Web.Commands;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Looper.Web.Tests.Commands;

[Collection("console")]
public sealed class BackupCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Data => Directory.CreateDirectory(_directory.File("data")).FullName;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_damaged_journal_is_said_in_one_line()
    {
        await File.WriteAllTextAsync(Path.Combine(Data, "events.db"), new string('x', 8_192));
        Assert.Equal((2, "SQLite Error 26: 'file is not a database'."), await BackUpAsync(_directory.File("copy")));
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_to_is_said_in_one_line()
    {
        await File.WriteAllTextAsync(Path.Combine(Data, "events.db"), "");
        await File.WriteAllTextAsync(_directory.File("full"), "");
        var (code, error) = await BackUpAsync(Path.Combine(_directory.File("full"), "copy"));
        Assert.Equal(2, code);
        Assert.Contains("full", Assert.Single(error.Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_name_is_said_in_one_line() => Assert.Equal((2, "The name of the folder is empty. Name one that is not there yet."), await BackUpAsync(""));

    [Fact]
    public async Task Without_a_server_there_is_nothing_to_refill_from() => Assert.Equal(
        (1, "", "Looper:Database is Sqlite, so there are no events on a server. Give Postgres or SqlServer with Looper:ConnectionString."), await RunAsync("refill", $"--Looper:DataDirectory={Data}"));

    [Fact]
    public async Task An_empty_directory_is_refilled_from_a_server_with_what_is_there()
    {
        Assert.SkipUnless(PostgresServer.IsHere, PostgresServer.Absent);
        var (code, output, error) = await RunAsync("refill", $"--Looper:DataDirectory={Data}", "--Looper:Database=Postgres", $"--Looper:ConnectionString={await ServerDatabases.CreateAsync(DatabaseKind.Postgres)}");
        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("The journal holds 0 decisions and 0 observations, every record checked, after ", output, StringComparison.Ordinal);
        Assert.EndsWith(" Erasures looked for: 0; units erased again: 0.", output, StringComparison.Ordinal);
    }

    [Theory, InlineData("events"), InlineData("server")]
    public async Task Events_of_a_newer_Looper_are_told_in_one_line(string what)
    {
        Assert.SkipUnless(PostgresServer.IsHere, PostgresServer.Absent);
        var server = await ServerDatabases.CreateAsync(DatabaseKind.Postgres);
        if (what == "events") await ChangeAsync(new SqliteConnection($"Data Source={Path.Combine(Data, "events.db")};Pooling=False"), "PRAGMA user_version = 1000");
        else await ChangeAsync(new NpgsqlConnection(server), "CREATE TABLE event_store (version int PRIMARY KEY); INSERT INTO event_store VALUES (1000)");
        var (code, output, error) = await RunAsync("refill", $"--Looper:DataDirectory={Data}", "--Looper:Database=Postgres", $"--Looper:ConnectionString={server}");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("version 1000, this Looper knows up to", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public async Task The_script_makes_the_tables_of_the_copy_too_and_migrate_makes_them()
    {
        Assert.SkipUnless(PostgresServer.IsHere, PostgresServer.Absent);
        string[] on = ["--Looper:Database=Postgres", $"--Looper:ConnectionString={await ServerDatabases.CreateAsync(DatabaseKind.Postgres)}"];
        var (code, script, _) = await RunAsync(["migrate", "--script", .. on]);
        Assert.Equal(0, code);
        var server = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        await ChangeAsync(new NpgsqlConnection(server), script);
        await ChangeAsync(new NpgsqlConnection(server), script); // again changes nothing
        await using (var store = new PostgresStore(server)) await store.PositionAsync(Guid.Empty, default);
        Assert.Equal(0, (await RunAsync(["migrate", $"--Looper:DataDirectory={_directory.File("new")}", .. on])).Code);
        await ChangeAsync(new NpgsqlConnection(on[1].Split('=', 2)[1]), "SELECT decisions FROM shipments");
    }

    private static async Task ChangeAsync(DbConnection connection, string sql)
    {
        await using (connection)
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact] // what a script reads is the command's own
    public async Task What_is_logged_stays_out_of_the_output()
    {
        var (code, output, _) = await RunAsync("migrate", $"--Looper:DataDirectory={_directory.File("new")}");
        Assert.Equal((0, "The database is up to date."), (code, output));
    }

    private async Task<(int Code, string Error)> BackUpAsync(string to)
    {
        var (code, _, error) = await RunAsync("backup", "--to", to, $"--Looper:DataDirectory={Data}");
        return (code, error);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var (before, output, error) = ((System.Console.Out, System.Console.Error), new StringWriter(), new StringWriter());
        System.Console.SetOut(output);
        System.Console.SetError(error);
        try
        {
            var code = await CommandLine.RunAsync(arguments, _ => throw new InvalidOperationException());
            return (code, output.ToString().TrimEnd(), error.ToString().TrimEnd());
        }
        finally
        {
            System.Console.SetOut(before.Out);
            System.Console.SetError(before.Error);
        }
    }
}

using Looper.Core;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Testing.Servers;
using Looper.Web.Commands;

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

using Looper.Testing;
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

    [Fact] // what a script reads is the command's own
    public async Task What_is_logged_stays_out_of_the_output()
    {
        var (before, output) = (System.Console.Out, new StringWriter());
        System.Console.SetOut(output);
        try
        {
            Assert.Equal(0, await CommandLine.RunAsync(["migrate", $"--Looper:DataDirectory={_directory.File("new")}"], _ => throw new InvalidOperationException()));
        }
        finally
        {
            System.Console.SetOut(before);
        }
        Assert.Equal("The database is up to date.", output.ToString().TrimEnd());
    }

    private async Task<(int Code, string Error)> BackUpAsync(string to)
    {
        var (before, error) = (System.Console.Error, new StringWriter());
        System.Console.SetError(error);
        try
        {
            var code = await CommandLine.RunAsync(["backup", "--to", to, $"--Looper:DataDirectory={Data}"], _ => throw new InvalidOperationException());
            return (code, error.ToString().TrimEnd());
        }
        finally
        {
            System.Console.SetError(before);
        }
    }
}

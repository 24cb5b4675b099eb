using Looper.Testing;
using Looper.Web.Commands.Files;

namespace Looper.Web.Tests.Commands;

/// <summary>Files that commands make.</summary>
public sealed class OutputFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact] // half a table looks like a whole one
    public async Task What_was_there_stays_until_the_new_one_is_whole()
    {
        await File.WriteAllTextAsync(_directory.File("p.csv"), "row,prediction\n0,0.5\n");
        await Assert.ThrowsAsync<IOException>(() => OutputFile.WriteAsync(_directory.File("p.csv"), async file =>
        {
            await file.WriteLineAsync("row,prediction");
            await file.FlushAsync();
            throw new IOException("No space left on device");
        }));
        Assert.Equal("row,prediction\n0,0.5\n", await File.ReadAllTextAsync(_directory.File("p.csv")));
        Assert.Single(Directory.EnumerateFileSystemEntries(_directory.Path));
        await OutputFile.WriteAsync(_directory.File("p.csv"), file => file.WriteAsync("new"));
        Assert.Equal("new", await File.ReadAllTextAsync(_directory.File("p.csv")));
        Assert.Single(Directory.EnumerateFileSystemEntries(_directory.Path));
    }

    [Fact]
    public async Task A_link_stays_one()
    {
        await File.WriteAllTextAsync(_directory.File("real.csv"), "old");
        File.CreateSymbolicLink(_directory.File("link.csv"), _directory.File("real.csv"));
        await OutputFile.WriteAsync(_directory.File("link.csv"), file => file.WriteAsync("new"));
        Assert.NotNull(new FileInfo(_directory.File("link.csv")).LinkTarget);
        Assert.Equal("new", await File.ReadAllTextAsync(_directory.File("real.csv")));
    }

    [Fact]
    public async Task A_stream_is_written_to_as_it_is()
    {
        OutputFile.Check("/dev/null", "--out", ("/dev/null", "--report"));
        await OutputFile.WriteAsync("/dev/null", file => file.WriteAsync("gone"));
    }

    [Fact]
    public void A_place_that_cannot_be_written_to_is_said_before_the_work()
    {
        File.WriteAllText(_directory.File("full"), "");
        Assert.StartsWith("--out: there is no folder", Assert.Throws<FileFault>(() => OutputFile.Check(Path.Combine(_directory.File("full"), "p.csv"), "--out")).Message, StringComparison.Ordinal);
        var tooLong = _directory.File(new string('x', 300));
        Assert.StartsWith($"--out: {tooLong} cannot be written.", Assert.Throws<FileFault>(() => OutputFile.Check(tooLong, "--out")).Message, StringComparison.Ordinal);
        Assert.StartsWith("--out: the name is empty.", Assert.Throws<FileFault>(() => OutputFile.Check("", "--out")).Message, StringComparison.Ordinal);
        OutputFile.Check(_directory.File("p.csv"), "--out");
        Assert.Single(Directory.EnumerateFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void A_file_that_the_command_reads_or_writes_already_is_refused() => Assert.Equal(
        $"--out: {_directory.File("data.csv")} is the file of --data, which would be lost. Name another.",
        Assert.Throws<FileFault>(() => OutputFile.Check(_directory.File("data.csv"), "--out", (_directory.File("./data.csv"), "--data"))).Message);
}

using Looper.Core.Persistence;
using Looper.Testing;
using Microsoft.Extensions.Options;

namespace Looper.Core.Tests.Persistence;

public sealed class DataDirectoryTests
{
    [Fact] // a folder where the lock should be: as little may be written there as in a directory of somebody else's
    public void One_that_may_not_be_written_to_is_told_with_what_helps()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.File("looper.lock"));
        using var data = In(directory);
        var refused = Assert.Throws<StartRefusedException>(() => data.Open());
        Assert.StartsWith($"Looper may not write to {directory.Path}: ", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("or give another directory with Looper:DataDirectory.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_another_process_has_is_told_by_that_process_alone()
    {
        using var directory = new TemporaryDirectory();
        using var first = In(directory);
        first.Open();
        using var second = In(directory);
        Assert.StartsWith($"{directory.Path} is in use by the Looper process {Environment.ProcessId}.", Assert.Throws<StartRefusedException>(() => second.Open()).Message, StringComparison.Ordinal);
    }

    [Fact] // a lock that leads to itself: the system can open it as little as on a disk that is full or broken
    public void One_whose_lock_cannot_be_made_is_in_nobodys_use()
    {
        using var directory = new TemporaryDirectory();
        File.CreateSymbolicLink(directory.File("looper.lock"), directory.File("looper.lock"));
        using var data = In(directory);
        var refused = Assert.Throws<StartRefusedException>(() => data.Open());
        Assert.StartsWith($"Looper cannot write to {directory.Path}: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("room", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_where_the_process_cannot_be_noted_is_refused_and_left_free()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.File("looper.pid"));
        using var data = In(directory);
        Assert.StartsWith($"Looper may not write to {directory.Path}: ", Assert.Throws<StartRefusedException>(() => data.Open()).Message, StringComparison.Ordinal);
        Directory.Delete(directory.File("looper.pid"));
        using var next = In(directory);
        next.Open();
    }

    private static DataDirectory In(TemporaryDirectory directory) => new(Options.Create(new LooperOptions { DataDirectory = directory.Path }));
}

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
        using var data = new DataDirectory(Options.Create(new LooperOptions { DataDirectory = directory.Path }));
        var refused = Assert.Throws<StartRefusedException>(() => data.Open());
        Assert.StartsWith($"Looper may not write to {directory.Path}: ", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("or give another directory with Looper:DataDirectory.", refused.Message, StringComparison.Ordinal);
    }
}

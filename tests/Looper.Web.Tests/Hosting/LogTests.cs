using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Hosting;

[Collection("console")] // what is logged goes there too, where the words of commands are listened to
public sealed class LogTests
{
    [Theory] // at a start these are said in a sentence; in a request or a job the log is the only place
    [InlineData(typeof(InvalidDataException))]
    [InlineData(typeof(Core.Persistence.StartRefusedException))]
    public async Task A_fault_while_it_runs_is_logged_whatever_its_kind(Type kind)
    {
        await using var looper = new LooperApp(logs: true);
        looper.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Looper.Jobs").LogError((Exception)Activator.CreateInstance(kind, "a broken record")!, "job.failed {Run}", 7);
        await looper.StopAsync();
        var log = string.Concat(Directory.EnumerateFiles(Path.Combine(looper.DataDirectory, "logs")).Select(File.ReadAllText));
        Assert.Contains("job.failed 7", log, StringComparison.Ordinal);
        Assert.Contains("a broken record", log, StringComparison.Ordinal);
    }
}

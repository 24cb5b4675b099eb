using System.Diagnostics;
using System.Globalization;
using Looper.Benchmarks.Journal;
using Looper.Core.Serving;
using Looper.Testing;

namespace Looper.Benchmarks.Serving;

/// <summary><c>start [--points N] [--events N]</c>: memory per decision point with a live model of 200 trees × 63 leaves, the cost of a change to one of
/// them, and the time from the start of the real program on that directory to its first "ready".</summary>
internal static class StartCommand
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        int Of(string name, int otherwise) => Array.IndexOf(arguments, name) is >= 0 and var at ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : otherwise;
        var (points, events) = (Of("--points", 1_000), Of("--events", 1_000_000));
        using var directory = new TemporaryDirectory();
        double perPoint, change;
        await using (var server = await BenchServer.StartAsync(5581, directory.Path))
        {
            await server.PublishAsync([("first", BenchPoint.Content(predicts: true))], BenchPoint.Train(200, 63));
            var model = BenchPoint.Train(200, 63);
            var before = GC.GetTotalMemory(forceFullCollection: true);
            for (var from = 0; from < points; from += 100)
                await server.PublishAsync(Enumerable.Range(from, Math.Min(100, points - from)).Select(i => ($"point-{i}", BenchPoint.Content(predicts: true))), model);
            perPoint = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)points;
            var start = Stopwatch.GetTimestamp();
            await server.PublishAsync([("last", BenchPoint.Content(predicts: true))], model);
            change = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (server.Get<DecisionEngine>().Current.Points.Any(p => p.Fault is not null)) throw new InvalidOperationException("A decision point does not serve.");
        }
        await Feed.FillAsync(directory.Path, events, 0, points);
        var ready = new List<double>();
        for (var i = 0; i < 3; i++) ready.Add(await ReadyAfterAsync(directory.Path));
        Console.WriteLine("| What | Figure |");
        Console.WriteLine("|---|---|");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| memory per idle decision point with a model of 200 trees × 63 leaves | {perPoint / 1024:F0} KiB |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| publishing one more beside {points:N0} of them, until it serves | {change:F0} ms |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| start of the program with {points:N0} of them and {events:N0} events until ready, median of 3 | {Stopclock.Median(ready):F1} s |"));
        return 0;
    }

    private static async Task<double> ReadyAfterAsync(string data)
    {
        var bin = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in new[] { Path.Combine(bin.Parent!.Parent!.FullName, "Looper.Web", bin.Name, "Looper.Web.dll"), "--urls=http://127.0.0.1:5585", $"--Looper:DataDirectory={data}" })
            start.ArgumentList.Add(argument);
        var since = Stopwatch.GetTimestamp();
        using var program = Process.Start(start)!;
        program.OutputDataReceived += static (_, _) => { };
        program.BeginOutputReadLine();
        using var client = new HttpClient { BaseAddress = new("http://127.0.0.1:5585") };
        try
        {
            while (!await IsReadyAsync(client))
            {
                if (program.HasExited) throw new InvalidOperationException($"The program ended with {program.ExitCode} before it was ready. It is looked for in '{start.ArgumentList[0]}': build it.");
                await Task.Delay(20);
            }
            return Stopwatch.GetElapsedTime(since).TotalSeconds;
        }
        finally
        {
            program.Kill();
            await program.WaitForExitAsync();
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}

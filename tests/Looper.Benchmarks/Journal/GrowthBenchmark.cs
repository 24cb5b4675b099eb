using System.Diagnostics;
using System.Globalization;
using Looper.Core.Events;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Benchmarks.Journal;

/// <summary>What a decision costs the journal in a large store against a small one: processor time and wall time of the same appends,
/// 64 senders, in turn on both.</summary>
internal static class GrowthBenchmark
{
    private const int Senders = 64;

    public static async Task RunAsync(Arguments given)
    {
        var chunk = given.Number("chunk", 20_000);
        using var folder = new TemporaryDirectory();
        var (small, large) = (given.Text("small"), given.Text("large"));
        File.Copy(JournalOptions.In(small).Path, folder.File("events.db"));
        var (decisions, processor, rounds) = (new long[2], new List<(double, double)>(), given.Number("rounds", 5));
        await using var a = new OpenJournal(large);
        await using var b = new OpenJournal(folder.Path);
        decisions[0] = a.Activity.Of(Feed.Point()).Decisions;
        decisions[1] = b.Activity.Of(Feed.Point()).Decisions;
        var cpu = new double[2];
        var next = new[] { 1_000_000_000L, 1_000_000_000L };
        var paired = await Paired.RunAsync(
            string.Create(CultureInfo.InvariantCulture, $"{decisions[0]:N0} decisions stored"), string.Create(CultureInfo.InvariantCulture, $"{decisions[1]:N0} decisions stored"), rounds,
            () => AppendAsync(a.Journal, chunk, next, cpu, 0), () => AppendAsync(b.Journal, chunk, next, cpu, 1));
        Console.WriteLine(Paired.Head);
        Console.WriteLine(paired.Row("µs a decision, wall"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"\nProcessor time of the whole run: {cpu[0] / (chunk * ((2 * rounds) + 1.0)):F2} against {cpu[1] / (chunk * ((2 * rounds) + 1.0)):F2} µs a decision, ratio {cpu[0] / cpu[1]:F2}."));
    }

    private static async Task<double> AppendAsync(Core.Events.Journal journal, int chunk, long[] next, double[] cpu, int which)
    {
        var records = Enumerable.Range(0, chunk).Select(i => Feed.Decision(next[which] + i)).ToArray();
        next[which] += chunk;
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var (started, before) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(async sender =>
        {
            for (var i = sender; i < chunk; i += Senders)
            {
                if ((await journal.AppendAsync(records[i], durable: false, default)).Status != AppendStatus.Stored) throw new InvalidOperationException("An append was not stored.");
            }
        }));
        var wall = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        process.Refresh();
        cpu[which] += (process.TotalProcessorTime - before).TotalMicroseconds;
        return wall / chunk;
    }
}

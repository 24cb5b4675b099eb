using System.Diagnostics;
using System.Globalization;
using Looper.Core.Events;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Benchmarks.Journal;

/// <summary>Single durable observations from many senders, each waiting for its answer; against the same journal on a file system
/// whose flush does nothing.</summary>
internal static class ObserveBenchmark
{
    public static async Task RunAsync(Arguments given)
    {
        var senders = given.Number("senders", 256);
        var seconds = given.Number("seconds", 5);
        double perFlush = 0, slowest = 0;
        using var template = new TemporaryDirectory();
        await Feed.FillAsync(template.Path, 200_000, 0, 1);
        async Task<double> SendAsync(bool flushes)
        {
            using var folder = new TemporaryDirectory();
            File.Copy(template.File("events.db"), folder.File("events.db"));
            using var plan = new FaultPlan(folder.Path) { IgnoresSync = !flushes };
            await using var open = new OpenJournal(JournalOptions.In(folder.Path) with { FileSystem = FaultFileSystem.Name });
            var (before, started) = (open.Journal.Condition, Stopwatch.GetTimestamp());
            long sent = 0, worst = 0;
            await Task.WhenAll(Enumerable.Range(0, senders).Select(sender => Task.Run(async () =>
            {
                for (long i = sender; Stopwatch.GetElapsedTime(started).TotalSeconds < seconds; i += senders)
                {
                    var since = Stopwatch.GetTimestamp();
                    if ((await open.Journal.AppendAsync([Feed.Observation(i % 200_000, (int)(i / 200_000))], default)).Status != AppendStatus.Stored) throw new InvalidOperationException("Not stored.");
                    Interlocked.Increment(ref sent);
                    var took = Stopwatch.GetTimestamp() - since;
                    if (took > worst) worst = took;
                }
            })));
            var rate = sent / Stopwatch.GetElapsedTime(started).TotalSeconds;
            var after = open.Journal.Condition;
            if (flushes) (perFlush, slowest) = ((double)(after.Records - before.Records) / (after.Flushes - before.Flushes), Stopwatch.GetElapsedTime(0, worst).TotalMilliseconds);
            return rate;
        }
        var paired = await Paired.RunAsync("flushed before each answer", "the same, flush does nothing", given.Number("rounds", 5), () => SendAsync(true), () => SendAsync(false));
        Console.WriteLine(Paired.Head);
        Console.WriteLine(paired.Row("observations/s"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{senders} senders, each waiting for its answer; {perFlush:F0} acknowledged per flush; slowest answer {slowest:F0} ms."));
    }
}

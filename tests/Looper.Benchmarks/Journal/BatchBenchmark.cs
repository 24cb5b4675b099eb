using System.Diagnostics;
using System.Globalization;
using Looper.Core;
using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Events.Sqlite;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Benchmarks.Journal;

/// <summary>Decisions in batches of 100 from 64 senders, as the batch route sends them, into an empty journal; against prepared inserts of the same
/// bytes in transactions of 512 into a table without any index.</summary>
internal static class BatchBenchmark
{
    private const int Batch = 100, Senders = 64, Together = 512;

    public static async Task RunAsync(Arguments given)
    {
        var count = given.Number("decisions", 500_000) / Batch * Batch;
        var ids = new Ids(TimeProvider.System);
        var records = Enumerable.Range(0, count).Select(i => Feed.Decision(i) with { Id = ids.Next().ToString(), Time = TimeProvider.System.GetUtcNow(), Scores = [] }).ToArray();
        var batches = records.Chunk(Batch).ToArray();
        var rows = records.Select(RawRow.Of).ToArray();
        var processor = new List<double>();
        var paired = await Paired.RunAsync("journal, batches of 100 decisions", "prepared inserts of the same bytes, no index", given.Number("rounds", 3),
            async () => count / await AppendAsync(batches, processor), () => Task.FromResult(count / RawTable.Fill("NORMAL", rows.Chunk(Together), RawRow.Bind)));
        Console.WriteLine(Paired.Head);
        Console.WriteLine(paired.Row("decisions/s"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{count:N0} decisions of {rows.Average(r => r.Payload.Length):F0} bytes; {processor.Order().ElementAt(processor.Count / 2) / count:F2} µs of processor time a decision."));
    }

    private static async Task<double> AppendAsync(DecisionRecord[][] batches, List<double> processor)
    {
        using var folder = new TemporaryDirectory();
        await using var open = new OpenJournal(folder.Path);
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var (started, before) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(async _ =>
        {
            for (var at = Interlocked.Increment(ref next); at < batches.Length; at = Interlocked.Increment(ref next))
            {
                var answers = await open.Journal.AppendAsync(batches[at], durable: false, default);
                if (Array.Exists(answers, a => a.Status != AppendStatus.Stored)) throw new InvalidOperationException("A batch was not stored.");
            }
        }));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        process.Refresh();
        processor.Add((process.TotalProcessorTime - before).TotalMicroseconds);
        return seconds;
    }

    private sealed record RawRow(byte[] Id, long Ticks, long Unit, byte[] Payload)
    {
        public static void Bind(Statement insert, RawRow row) => insert.Bind(1, row.Id).Bind(2, 1L).Bind(3, row.Ticks).Bind(4, row.Unit).Bind(5, 0L).Bind(6, row.Payload);

        public static RawRow Of(DecisionRecord record)
        {
            Span<byte> id = stackalloc byte[EventKey.MaxBytes], payload = stackalloc byte[1_024];
            var columns = new DecisionColumns(EventKey.Of(record.Id, id), record.DecisionPointId, record.Time.UtcTicks, UnitHash.Of(record.Unit), record.Marks);
            return new(columns.Id.Bytes.ToArray(), columns.Ticks, columns.Unit, DecisionCodec.Write(record, columns, payload).ToArray());
        }
    }
}

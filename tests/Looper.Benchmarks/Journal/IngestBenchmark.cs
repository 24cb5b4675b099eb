using System.Diagnostics;
using System.Globalization;
using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Events.Sqlite;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Benchmarks.Journal;

/// <summary>Observations in batches of 1,000, each flushed, to decisions that are there; against prepared inserts of the same bytes
/// in transactions of 1,000 into a table without any index.</summary>
internal static class IngestBenchmark
{
    private const int Batch = 1_000, Outcomes = 3;

    public static async Task RunAsync(Arguments given)
    {
        var count = given.Number("observations", 1_000_000);
        var derived = given.Text("ids", "derived") == "derived";
        var decisions = (count + Outcomes - 1) / Outcomes;
        using var template = new TemporaryDirectory();
        await Feed.FillAsync(template.Path, decisions, 0, 1);
        var calls = Enumerable.Range(0, decisions).Select(i => Feed.Calls(i, Outcomes, derived)).ToArray();
        var batches = calls.Chunk(Batch / Outcomes).ToArray();
        var rows = batches.Select(b => b.SelectMany(c => c).Select(RawRow.Of).ToArray()).ToArray();
        var sent = (double)decisions * Outcomes;
        var paired = await Paired.RunAsync("journal, batches of 1,000", "prepared inserts of the same bytes, no index", given.Number("rounds", 3),
            async () => sent / await IngestAsync(template.File("events.db"), batches), () => Task.FromResult(sent / RawTable.Fill("FULL", rows, RawRow.Bind)));
        Console.WriteLine(Paired.Head);
        Console.WriteLine(paired.Row("rows/s"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{sent:N0} observations, {(derived ? "ids derived from the content" : "random ids given by the caller")}."));
    }

    private static async Task<double> IngestAsync(string template, ObservationRecord[][][] batches)
    {
        using var folder = new TemporaryDirectory();
        File.Copy(template, folder.File("events.db"));
        await using var open = new OpenJournal(folder.Path);
        GC.Collect();
        var started = Stopwatch.GetTimestamp();
        var under = new Queue<Task<Appended[]>>();
        foreach (var batch in batches)
        {
            under.Enqueue(open.Journal.AppendAsync(batch, default).AsTask());
            if (under.Count == 3) Check(await under.Dequeue());
        }
        while (under.TryDequeue(out var last)) Check(await last);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void Check(Appended[] answers)
    {
        if (Array.Exists(answers, a => a.Status != AppendStatus.Stored)) throw new InvalidOperationException("A batch was not stored.");
    }

    private sealed record RawRow(byte[] Id, byte[] Decision, long Ticks, byte[] Payload)
    {
        public static void Bind(Statement insert, RawRow row) => insert.Bind(1, row.Id).Bind(2, row.Decision).BindNull(3).Bind(4, row.Ticks).Bind(5, 0L).Bind(6, row.Payload);

        public static RawRow Of(ObservationRecord record)
        {
            Span<byte> id = stackalloc byte[EventKey.MaxBytes], decision = stackalloc byte[EventKey.MaxBytes], payload = stackalloc byte[512];
            var columns = new ObservationColumns(EventKey.Of(record.Id, id), EventKey.Of(record.DecisionId!, decision), 0, record.Time.UtcTicks, record.Marks);
            return new(columns.Id.Bytes.ToArray(), columns.Decision.Bytes.ToArray(), columns.Ticks, ObservationCodec.Write(record, columns, payload).ToArray());
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text;
using Looper.Benchmarks.Serving;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Import;
using Looper.Core.Events;
using Looper.Core.Files;
using Looper.Core.Runs;
using Looper.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Benchmarks.Journal;

/// <summary>A file of past decisions, each with an outcome, read into the journal with its trail; against taking the same file apart into cells,
/// which is all that reading a CSV can mean.</summary>
internal static class ImportBenchmark
{
    public static async Task RunAsync(Arguments given)
    {
        var rows = given.Number("rows", 1_000_000);
        using var folder = new TemporaryDirectory();
        var path = folder.File("past.csv");
        Write(path, rows);
        long idle = 0;
        var paired = await Paired.RunAsync("import, flushed in groups of 500", "the same file, taken apart into cells", given.Number("rounds", 1),
            async () =>
            {
                await using var database = await TestDatabase.CreateAsync(TimeProvider.System, s => s.AddEvents().AddRuns().AddDecisions(), DatabaseKind.Sqlite);
                var draft = await database.Get<DraftActions>().CreateAsync(Caller.System, new(Key: "past", Name: "Past", Content: BenchPoint.Content(predicts: false)), default);
                await database.Get<DraftActions>().PublishAsync(Caller.System, draft.Value!.Id, null, null, default);
                if (idle == 0) idle = Memory("VmRSS");
                using var trail = database.Get<ImportFiles>().Follow("past.csv");
                await using var bytes = File.OpenRead(path);
                var started = Stopwatch.GetTimestamp();
                var imported = await database.Get<Importer>().RunAsync(new() { DecisionPoint = "past", Option = "shown", Unit = "user" }, bytes, Guid.Empty, "bench", trail, _ => { }, default);
                var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                return imported.Value.Result.Stored == rows ? rows / seconds : throw new InvalidOperationException(imported.Refusal?.Reason ?? imported.Value.Result.InWords);
            },
            () =>
            {
                var started = Stopwatch.GetTimestamp();
                using var file = CsvFile.Open(path);
                var read = 0;
                while (file.Read() is not null) read++;
                return Task.FromResult(read / Stopwatch.GetElapsedTime(started).TotalSeconds);
            });
        Console.WriteLine(Paired.Head);
        Console.WriteLine(paired.Row("rows/s"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"\n{rows:N0} rows of {new FileInfo(path).Length / (double)rows:F0} bytes, {rows / paired.Ours:F1} s; memory {Memory("VmHWM")} MB at the peak, {idle} MB before the first row."));
    }

    private static void Write(string path, int rows)
    {
        using var file = new StreamWriter(path, append: false, Encoding.ASCII);
        file.Write("user,shown,purchase");
        for (var j = 0; j < BenchPoint.Features; j++) file.Write($",{BenchPoint.Name(j)}");
        file.Write('\n');
        for (var i = 0; i < rows; i++)
        {
            file.Write(string.Create(CultureInfo.InvariantCulture, $"u-{i * 7L % 250_007},{BenchPoint.Options[i % 3]},{(i % 11 == 0 ? 1 : 0)}"));
            for (var j = 0; j < BenchPoint.Features; j++)
                file.Write(j < BenchPoint.Numbers ? string.Create(CultureInfo.InvariantCulture, $",{(i * (j + 3L) % 10_007) / 100.0}") : j < BenchPoint.Numbers + BenchPoint.Booleans ? $",{(i + j) % 2}" : $",level-{(i + j) % BenchPoint.Levels}");
            file.Write('\n');
        }
    }

    private static long Memory(string what) =>
        long.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith(what, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) >> 10;
}

using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Events.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Benchmarks.Journal;

/// <summary>The example reader against a plain scan: every column of every row of both tables, in the order they lie, nothing decoded.</summary>
internal static class ReadBenchmark
{
    private static readonly ImmutableArray<Outcome> s_outcomes =
    [
        new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromHours(1), Aggregation = Aggregation.Any },
        new("revenue", OutcomeKind.Number) { Window = TimeSpan.FromHours(2), Aggregation = Aggregation.Sum },
        new("clicks", OutcomeKind.Count) { Window = TimeSpan.FromHours(1), Aggregation = Aggregation.Sum },
    ];

    public static async Task RunAsync(Arguments given)
    {
        var options = JournalOptions.In(given.Text("directory"));
        var corrupt = new CorruptRecords(NullLogger<CorruptRecords>.Instance);
        var reader = new ExampleReader(options, corrupt, TimeProvider.System);
        long examples = 0, rows = 0;
        var joined = 0.0;
        var paired = await Paired.RunAsync("example reader", "plain scan of the rows", given.Number("rounds", 5),
            async () =>
            {
                var started = Stopwatch.GetTimestamp();
                (examples, joined) = (0, 0);
                await foreach (var example in reader.ReadAsync(new(Feed.Point(), s_outcomes), default))
                {
                    examples++;
                    joined += example.Values[1];
                }
                return Stopwatch.GetElapsedTime(started).TotalSeconds;
            },
            () =>
            {
                var started = Stopwatch.GetTimestamp();
                rows = Scan(options);
                return Task.FromResult(Stopwatch.GetElapsedTime(started).TotalSeconds);
            });
        var peak = long.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) >> 10;
        Console.WriteLine(Paired.Head);
        Console.WriteLine(paired.Row("s"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"\n{examples:N0} examples (sum {joined:F1}) of {rows:N0} rows, {corrupt.Count} corrupt; peak memory of the whole process {peak} MB."));
    }

    internal static long Scan(JournalOptions options)
    {
        using var connection = EventFile.OpenForReading(options);
        long rows = 0, bytes = 0;
        foreach (var (columns, table) in (ReadOnlySpan<(string, string)>)[(EventRows.Decision, "decisions"), (EventRows.Observation, "observations")])
        {
            var width = columns.Split(',').Length;
            using var scan = new Statement(connection, $"SELECT {columns} FROM {table}");
            for (; scan.Step(); rows++)
            {
                for (var column = 0; column < width; column++) bytes += column is 0 or 3 or 4 or 5 ? scan.Int64(column) & 1 : scan.Bytes(column).Length;
            }
        }
        return bytes > 0 ? rows : 0;
    }
}

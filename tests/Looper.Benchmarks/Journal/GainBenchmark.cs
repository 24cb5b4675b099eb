using System.Diagnostics;
using System.Globalization;
using Looper.Core;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Retention;
using Looper.Core.Events;
using Looper.Core.Ledger;
using Looper.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Benchmarks.Journal;

/// <summary>The gain of a decision point over its baseline, from all of its decisions, against a plain scan of the same rows.</summary>
internal static class GainBenchmark
{
    private static readonly BlueprintContent s_serving = new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b"), new("c")], Default = "a",
        Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromHours(1), Aggregation = Aggregation.Any }],
        Goal = new() { Terms = [new("purchase")] }, Rollout = new() { Holdout = 0.05 },
    };

    public static async Task RunAsync(Arguments given)
    {
        var directory = given.Text("directory");
        await Feed.FillAsync(directory, given.Number("decisions", 1_000_000), 3, 1, false);
        var options = JournalOptions.In(directory);
        await using var database = await TestDatabase.CreateAsync(TimeProvider.System);
        await using (var db = await database.Databases.CreateDbContextAsync())
        {
            db.Add(new DecisionPoint { Id = Feed.Point(), Key = "benchmark", Name = "Benchmark", CurrentVersion = 3 });
            db.Add(new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = Feed.Point(), Version = 3, Content = BlueprintJson.Write(s_serving) });
            await db.SaveChangesAsync();
        }
        var changes = new ChangeFeed();
        var measuring = new GainMeasuring(
            database.Databases, new(options, new(NullLogger<CorruptRecords>.Instance), TimeProvider.System), new(changes), new Retentions(database.Databases, TimeProvider.System, changes), new(TimeProvider.System), changes, TimeProvider.System);
        Gain? gain = null;
        long rows = 0;
        var paired = await Paired.RunAsync("gain", "plain scan of the rows", given.Number("rounds", 3),
            async () =>
            {
                var started = Stopwatch.GetTimestamp();
                gain = (await measuring.MeasureAsync(Feed.Point(), _ => { }, default)).Gain;
                return Stopwatch.GetElapsedTime(started).TotalSeconds;
            },
            () =>
            {
                var started = Stopwatch.GetTimestamp();
                rows = ReadBenchmark.Scan(options);
                return Task.FromResult(Stopwatch.GetElapsedTime(started).TotalSeconds);
            });
        var peak = long.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) >> 10;
        Console.WriteLine(Paired.Head);
        Console.WriteLine(paired.Row("s"));
        var stretch = gain!.Stretches[0];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"\n{gain.Decisions + gain.Unmeasured + stretch.KeptDecisions:N0} decisions of {stretch.Units + stretch.KeptUnits:N0} units, {rows:N0} rows; peak memory of the whole process {peak} MB."));
    }
}

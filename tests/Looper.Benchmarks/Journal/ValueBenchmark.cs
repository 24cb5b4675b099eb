using System.Diagnostics;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Policies;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Benchmarks.Journal;

/// <summary>The value of a draft from logged decisions (every estimator with a fitted reward model, bootstrap, guardrails) against a plain scan of the
/// same rows.</summary>
internal static class ValueBenchmark
{
    private const double Gain = 0.15;

    private static readonly BlueprintContent s_serving = new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b"), new("c")], Default = "a",
        Features =
        [
            .. Enumerable.Range(0, 7).Select(i => new Feature($"n{i}", FeatureKind.Number)), new("country", FeatureKind.Category), new("device", FeatureKind.Category), new("campaign", FeatureKind.Category),
        ],
        Outcomes =
        [
            new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromHours(1), Aggregation = Aggregation.Any },
            new("revenue", OutcomeKind.Number) { Window = TimeSpan.FromHours(2), Aggregation = Aggregation.Sum },
            new("clicks", OutcomeKind.Count) { Window = TimeSpan.FromHours(1), Aggregation = Aggregation.Sum },
        ],
        Goal = new() { Terms = [new("purchase")], Guardrails = [new("revenue", 0.05), new("clicks", 0.05)] },
        Policy = new RandomPolicy(),
    };

    private static readonly BlueprintContent s_draft = s_serving with
    {
        Policy = new TreePolicy(new() { Feature = "n0", AtMost = 7, Then = new() { Option = "b" }, Else = new() { Option = "c" } }) { Explore = 0.1 },
    };

    public static async Task RunAsync(Arguments given)
    {
        var directory = given.Text("directory");
        var decisions = given.Number("decisions", 1_000_000);
        await FillAsync(directory, decisions);
        var options = JournalOptions.In(directory);
        await using var database = await TestDatabase.CreateAsync(TimeProvider.System);
        await using (var db = await database.Databases.CreateDbContextAsync())
        {
            db.Add(new DecisionPoint { Id = Feed.Point(), Key = "benchmark", Name = "Benchmark", CurrentVersion = 3 });
            db.Add(new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = Feed.Point(), Version = 3, Content = BlueprintJson.Write(s_serving) });
            await db.SaveChangesAsync();
        }
        var valuation = new PolicyValuation(database.Databases, new(options, new(NullLogger<CorruptRecords>.Instance), TimeProvider.System));
        var input = new ValueInput("Draft", BlueprintJson.Write(s_draft), null, null, null);
        PolicyEvaluationResult? result = null;
        long rows = 0;
        var paired = await Paired.RunAsync("value of a draft", "plain scan of the rows", given.Number("rounds", 2),
            async () =>
            {
                var (started, phase, since) = (Stopwatch.GetTimestamp(), "", 0.0);
                void Report(string now, double percent)
                {
                    if (now == phase) return;
                    var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                    if (phase.Length > 0) Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {phase}: {seconds - since:F1} s"));
                    (phase, since) = (now, seconds);
                }
                result = (await valuation.EvaluateAsync(Feed.Point(), input, DateTimeOffset.UnixEpoch.AddYears(100), Guid.Empty, Report, default)).Value!;
                Report("done", 100);
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
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"\n{result!.Decisions:N0} decisions of {result.Units:N0} units, {result.Estimators.Length} estimators, {rows:N0} rows; peak memory of the whole process {peak} MB. “{result.Sentence}” (true: {TrueChange():P2}). The reward model explains {result.ModelExplains:P1}."));
    }

    /// <summary>The feed's decisions, where a purchase depends on features and option, so that there is something to fit.</summary>
    private static async Task FillAsync(string directory, int decisions)
    {
        Directory.CreateDirectory(directory);
        await using var open = new OpenJournal(directory);
        const int batch = 1_000;
        for (var from = open.Activity.Of(Feed.Point()).Decisions; from < decisions; from += batch)
        {
            var count = (int)Math.Min(batch, decisions - from);
            var kept = open.Journal.AppendAsync([.. Enumerable.Range(0, count).Select(i => Feed.Decision(from + i) with { Option = OptionOf(from + i) })], durable: false, default);
            await open.Journal.AppendAsync([.. Enumerable.Range(0, count).Select(i => (ObservationRecord[])[Purchase(from + i), Feed.Observation(from + i, 1), Feed.Observation(from + i, 2)])], default);
            await kept;
        }
    }

    // Drawn, for the features repeat with the number: of one that follows from them no weight would be right.
    private static int OptionOf(long number) => (int)(3 * Drawn(11, number));

    private static ObservationRecord Purchase(long number) => Feed.Observation(number, 0) with { Value = Drawn(7, number) < Base(number) + (OptionOf(number) == (number % 11 < 5 ? 1 : 2) ? Gain : 0) ? 1 : 0 };

    private static double Base(long number) => 0.1 + 0.02 * (number % 11 % 5) + 0.05 * Math.Sin(number % 13);

    private static double Drawn(ulong stream, long number) => Assignment.Uniform(stream, number.ToString(CultureInfo.InvariantCulture));

    /// <summary>The draft takes the better option but where it explores, a random one serves a third of the time.</summary>
    private static double TrueChange()
    {
        var served = Enumerable.Range(0, 11 * 13).Average(n => Base(n)) + Gain / 3;
        return Gain * (0.9 + 0.1 / 3 - 1.0 / 3) / served;
    }
}

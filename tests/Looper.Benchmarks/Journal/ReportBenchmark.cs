using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Benchmarks.Journal;

/// <summary>A whole report (two arms, ten metrics, two covariates, segments, course over time) against a plain scan of the same rows.</summary>
internal static class ReportBenchmark
{
    private static readonly BlueprintContent s_blueprint = new()
    {
        Shape = DecisionShape.Choice,
        Options = [new("a"), new("b"), new("c")],
        Default = "a",
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
        Goal = new() { Terms = [new("purchase")] },
    };

    private static readonly ExperimentPlan s_plan = new()
    {
        Arms = [new("control", 0.5) { Option = "a" }, new("treatment", 0.5) { Option = "b" }],
        BlueprintVersion = 3,
        Covariates = ["n0", "n1"],
        Metrics =
        [
            new() { Key = "revenue-per-click", Kind = MetricKind.Ratio, Outcome = "revenue", Denominator = "clicks" },
            new() { Key = "purchases-per-click", Kind = MetricKind.Ratio, Outcome = "purchase", Denominator = "clicks" },
            new() { Key = "early-revenue", Kind = MetricKind.Sum, Outcome = "revenue", Window = TimeSpan.FromMinutes(1) },
            new() { Key = "purchases", Kind = MetricKind.Count, Outcome = "purchase" },
            new() { Key = "clicked", Kind = MetricKind.Conversion, Outcome = "clicks" },
            new() { Key = "came-back", Kind = MetricKind.Retention, Outcome = "clicks", From = TimeSpan.FromMinutes(1), Window = TimeSpan.FromMinutes(10) },
            new() { Key = "early-clicks", Kind = MetricKind.Sum, Outcome = "clicks", Window = TimeSpan.FromMinutes(1) },
        ],
    };

    public static async Task RunAsync(Arguments given)
    {
        var options = JournalOptions.In(given.Text("directory"));
        var exposures = new ExposureReader(options, new CorruptRecords(NullLogger<CorruptRecords>.Instance), TimeProvider.System);
        long rows = 0;
        ReportContent? report = null;
        Func<Task<double>> ours = async () =>
        {
            var started = Stopwatch.GetTimestamp();
            report = await ReportAsync(exposures);
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        };
        Func<Task<double>> scan = () =>
        {
            var started = Stopwatch.GetTimestamp();
            rows = ReadBenchmark.Scan(options);
            return Task.FromResult(Stopwatch.GetElapsedTime(started).TotalSeconds);
        };
        var paired = await Paired.RunAsync("report", "plain scan of the rows", given.Number("rounds", 5), ours, scan);
        var peak = long.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) >> 10;
        Console.WriteLine(Paired.Head);
        Console.WriteLine(paired.Row("s"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"\n{report!.Arms.Sum(a => a.Decisions):N0} decisions of {report.Arms.Sum(a => a.Units):N0} units, {report.Metrics.Length} metrics, {rows:N0} rows; peak memory of the whole process {peak} MB."));
    }

    private static async Task<ReportContent> ReportAsync(ExposureReader exposures)
    {
        var features = new Dictionary<int, ImmutableArray<Feature>> { [3] = s_blueprint.Features };
        var now = DateTimeOffset.UnixEpoch.AddYears(100);
        var settings = new ReportSettings
        {
            ExperimentId = Feed.Experiment,
            Experiment = "benchmark",
            DecisionPoint = "benchmark",
            State = ExperimentState.Stopped,
            DataUntil = now,
            Plan = s_plan,
            PrimaryOutcome = "purchase",
            StageDays = 1,
        };
        var analysis = new ExperimentAnalysis(settings, s_blueprint, new(s_plan.Covariates, features), features);
        var query = new ExposureQuery(Feed.Point(), Feed.Experiment, s_blueprint.Outcomes) { Measures = ExperimentAnalysis.Measures(settings, s_blueprint), AsOf = now };
        await foreach (var unit in exposures.ReadAsync(query, default)) analysis.Add(unit);
        return analysis.Finish();
    }
}

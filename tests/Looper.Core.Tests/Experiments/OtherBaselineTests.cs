using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Experiments;

/// <summary>A stored report read with another arm as the baseline is the report that the same units give with that arm planned as the baseline.</summary>
public class OtherBaselineTests
{
    private static readonly BlueprintContent Blueprint = Exposed.Blueprint(new Outcome("revenue", OutcomeKind.Number), new Outcome("bought", OutcomeKind.Boolean)) with
    {
        Features = [new("visits", FeatureKind.Number), new("company", FeatureKind.Category)],
    };

    private static readonly Dictionary<int, ImmutableArray<Feature>> Features = new() { [1] = Blueprint.Features };

    private static ExperimentPlan Plan => Exposed.Plan(("control", 0.4), ("b", 0.3), ("c", 0.3)) with { Reading = ReadingKind.Sequential, PrimaryOutcome = "revenue" };

    private static readonly Metric[] Metrics =
    [
        new() { Key = "per-sale", Kind = MetricKind.Ratio, Outcome = "revenue", Denominator = "bought" },
        new() { Key = "cut", Kind = MetricKind.Sum, Outcome = "revenue", CapPercentile = 0.95, Role = MetricRole.Guardrail, Margin = 0.05 },
    ];

    public static TheoryData<string, int> Designs
    {
        get
        {
            var rows = new TheoryData<string, int>();
            foreach (var design in new[] { "plain", "clusters", "slots", "bandit" })
                foreach (var baseline in new[] { 0, 1, 2 }) rows.Add(design, baseline);
            return rows;
        }
    }

    [Theory, MemberData(nameof(Designs))] // identity, after a way through the stored bytes
    public void Another_baseline_gives_what_planning_it_would_have_given(string design, int baseline)
    {
        var plan = design switch
        {
            "clusters" => Plan with { Cluster = "company" },
            "slots" => Plan with { Switchback = new(60) },
            "bandit" => Plan with { Bandit = new(0.1, 24) },
            _ => Plan with { Metrics = [.. Metrics], Covariates = ["visits"], Strata = "company" },
        };
        var units = Units(design == "slots");
        var (stored, sums) = Analyse(plan, units);
        var kept = ReportSumsFile.Read(ReportSumsFile.Write(sums))!;
        var shown = OtherBaseline.Of(stored, kept, baseline);

        var order = ReportSums.Order(3, baseline);
        var (planned, _) = Analyse(plan with { Arms = [.. order.Select(i => plan.Arms[i])] },
            units.ConvertAll(u => u with { Decision = u.Decision with { Arm = Array.IndexOf(order, u.Decision.Arm) } }));
        Same(JsonSerializer.SerializeToNode(planned.Metrics, ExperimentJson.ReportOptions), JsonSerializer.SerializeToNode(shown.Metrics, ExperimentJson.ReportOptions), "metrics");
        Same(JsonSerializer.SerializeToNode(planned.Segments, ExperimentJson.ReportOptions), JsonSerializer.SerializeToNode(shown.Segments, ExperimentJson.ReportOptions), "segments");
        Same(JsonSerializer.SerializeToNode(planned.Interactions, ExperimentJson.ReportOptions), JsonSerializer.SerializeToNode(shown.Interactions, ExperimentJson.ReportOptions), "interactions");
        if (design == "plain") Assert.All(shown.Metrics.Single(m => m.IsPrimary).Comparisons, c => Assert.Equal(NoveltyVerdict.WearsOff, c.Novelty?.Verdict));
        Assert.Equal(2, shown.Interactions.Length); // two arms here, one there, one goal
        Assert.All(shown.Interactions, i => Assert.Null(i.Shortage));
        Assert.Equal(planned.Settings.Plan.Arms, shown.Settings.Plan.Arms);
        Assert.Equal(planned.Arms.Select(a => (a.Key, a.Units)), shown.Arms.Select(a => (a.Key, a.Units)));
        Assert.Equal(stored.Recommendation, shown.Recommendation);
    }

    [Fact]
    public void Sums_of_another_version_are_not_read() => Assert.Null(ReportSumsFile.Read([250, 0, 0, 0, 0]));

    private static List<ExposedUnit> Units(bool inSlots)
    {
        var random = new Philox(17);
        List<ExposedUnit> units = [];
        for (var i = 0; i < 8_000; i++)
        {
            var company = i % 60;
            var at = Exposed.Start.AddMinutes(3 * i);
            // Whole companies, or whole hours, have an arm; either way each arm has about its share.
            var arm = ((inSlots ? (int)(at - Exposed.Start).TotalHours : company) * 7 % 10) switch { < 4 => 0, < 7 => 1, _ => 2 };
            var visits = random.PoissonCount(3);
            var bought = random.Uniform() < 0.3 + 0.03 * arm ? 1.0 : 0;
            var served = new byte[64];
            var length = ServedRow.WriteNumber(served, visits);
            length += ServedRow.WriteText(served.AsSpan(length), Encoding.UTF8.GetBytes($"c{company % 4}-{(inSlots ? 0 : company)}"));
            var unit = Exposed.Unit(arm, [bought * (10 + arm + visits + random.Normal()), bought, bought * (10 + arm + visits), bought, .. Enumerable.Range(0, 7).Select(day => (6 - day) * arm + random.Normal())], served[..length]);
            units.Add(unit with { Decision = unit.Decision with { Time = at, Unit = $"u{i}" } });
        }

        return units;
    }

    private static (ReportContent Content, ReportSums Sums) Analyse(ExperimentPlan plan, List<ExposedUnit> units)
    {
        // Stretches whose shares changed half-way, in the plan's order of arms.
        double Share(string arm, bool late) => arm switch { "control" => late ? 0.2 : 0.4, "b" => late ? 0.5 : 0.3, _ => 0.3 };
        ImmutableArray<AllocationEpoch> epochs = plan.Bandit is null ? [] :
        [
            new(Exposed.Start, [.. plan.Arms.Select(a => Share(a.Key, false))]),
            new(Exposed.Start.AddDays(6), [.. plan.Arms.Select(a => Share(a.Key, true))]),
        ];
        var settings = Exposed.Settings(plan, "revenue") with { Allocation = epochs, IsAdaptive = plan.Bandit is not null, StageDays = plan is { Cluster: null, Switchback: null, Bandit: null } ? 1 : 0 };
        var covariates = plan.Covariates.IsDefaultOrEmpty ? CovariateReader.None : new CovariateReader(plan.Covariates, Features);
        // Half of the units have the second arm of another experiment.
        var lot = new Philox(3);
        var other = new OtherExperiment("other", ["off", "on"], Enumerable.Range(0, units.Count).ToDictionary(i => UnitHash.Of($"u{i}"), _ => lot.Below(2)));
        var analysis = new ExperimentAnalysis(settings, Blueprint, covariates, Features, other);
        foreach (var unit in units) analysis.Add(unit);
        var content = analysis.Finish();
        return (content, analysis.Sums!);
    }

    // To the last bit but for the order of additions.
    private static void Same(JsonNode? expected, JsonNode? actual, string path)
    {
        switch (expected, actual)
        {
            case (JsonObject a, JsonObject b):
                Assert.Equal(a.Select(p => p.Key), b.Select(p => p.Key));
                foreach (var (key, value) in a) Same(value, b[key], $"{path}.{key}");
                break;
            case (JsonArray a, JsonArray b):
                Assert.True(a.Count == b.Count, $"{path}: {a.Count} and {b.Count}");
                for (var i = 0; i < a.Count; i++) Same(a[i], b[i], $"{path}[{i}]");
                break;
            case (JsonValue a, JsonValue b) when a.TryGetValue<double>(out var x) && b.TryGetValue<double>(out var y):
                Assert.True(Math.Abs(x - y) <= 1e-9 * Math.Max(1, Math.Abs(x)), $"{path}: {x:R} and {y:R}");
                break;
            default:
                Assert.True(expected?.ToJsonString() == actual?.ToJsonString(), $"{path}: {expected?.ToJsonString()} and {actual?.ToJsonString()}");
                break;
        }
    }
}

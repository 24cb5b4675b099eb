using System.Collections.Immutable;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using Looper.Core.Tests.Serving;
using Looper.Testing;

namespace Looper.Core.Tests.Experiments;

/// <summary>Clusters, slots of time and shares that follow the outcomes, from the lot that gives the arms to the report.</summary>
public class RandomisationTests
{
    private static readonly BlueprintContent Blueprint = Exposed.Blueprint(new Outcome("revenue", OutcomeKind.Number)) with
    {
        Features = [new("company", FeatureKind.Category), new("member", FeatureKind.Boolean)],
    };

    private static readonly Dictionary<int, ImmutableArray<Feature>> Features = new() { [1] = Blueprint.Features };

    private static ExperimentPlan Plan => Exposed.Plan(("control", 0.5), ("treatment", 0.5)) with { Reading = ReadingKind.Fixed, PlannedDays = 9, PrimaryOutcome = "revenue" };

    private static ExperimentPlan Clustered => Plan with { Cluster = "company" };

    private static ExperimentPlan Switched => Plan with { Switchback = new(60) { BurnInMinutes = 15 } };

    private static ExperimentPlan Bandit => Plan with { Bandit = new(0.1, 24) };

    public static TheoryData<string, string> Faults => new()
    {
        { "design", "exclude each other" },
        { "cluster", "not a feature" },
        { "cluster ", "is a yes" },
        { "layer", "whole clusters" },
        { "switchback.slotMinutes", "divides a day" },
        { "switchback.burnInMinutes", "do not leave any" },
        { "switchback.region", "not a feature" },
        { "bandit.floor", "not between" },
        { "bandit.floor ", "begins with less" },
        { "bandit.renewHours", "1 to 168" },
        { "usesModelScore", "single units" },
        { "strata", "single units" },
        { "metrics[0].kind", "a quantile" },
        { "metrics[0].kind ", "values per unit" },
    };

    [Theory, MemberData(nameof(Faults))]
    public void Every_fault_of_a_design_names_its_field_and_the_way_out(string field, string words)
    {
        var plan = field switch
        {
            "design" => Clustered with { Bandit = new(0.1, 24) },
            "cluster" => Plan with { Cluster = "gone" },
            "cluster " => Plan with { Cluster = "member" },
            "layer" => Clustered with { Layer = "checkout" },
            "switchback.slotMinutes" => Plan with { Switchback = new(50) },
            "switchback.burnInMinutes" => Plan with { Switchback = new(60) { BurnInMinutes = 60 } },
            "switchback.region" => Plan with { Switchback = new(60) { Region = "gone" } },
            "bandit.floor" => Plan with { Bandit = new(0.6, 24) },
            "bandit.floor " => Bandit with { Arms = [Plan.Arms[0] with { Weight = 0.95 }, Plan.Arms[1] with { Weight = 0.05 }] },
            "bandit.renewHours" => Plan with { Bandit = new(0.1, double.NaN) },
            "usesModelScore" => Clustered with { UsesModelScore = true },
            "strata" => Bandit with { Strata = "company" },
            "metrics[0].kind" => Switched with { Metrics = [new() { Key = "p50", Kind = MetricKind.Quantile, Outcome = "revenue" }] },
            _ => Bandit with { Metrics = [new() { Key = "ratio", Kind = MetricKind.Ratio, Outcome = "revenue", Denominator = "revenue" }] },
        };
        var fault = Assert.Single(ExperimentRules.Check(plan, Blueprint, [1]), f => f.Field == field.Trim());
        Assert.Contains(words, fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Sound_designs_have_no_fault_and_survive_being_stored()
    {
        foreach (var plan in new[] { Clustered, Switched with { Switchback = new(30) { Region = "company" } }, Bandit })
        {
            Assert.Empty(ExperimentRules.Check(plan, Blueprint, [1]));
            Assert.Equal(ExperimentJson.Write(plan), ExperimentJson.Write(ExperimentJson.ReadPlan(ExperimentJson.Write(plan))));
        }
    }

    [Fact]
    public void An_arm_of_a_version_without_the_cluster_is_refused()
    {
        Assert.Null(RandomisationRules.CheckArm(Clustered, 2, Blueprint, Blueprint));
        Assert.Contains("version 2", RandomisationRules.CheckArm(Clustered, 2, Blueprint with { Features = [] }, Blueprint)!.Reason, StringComparison.Ordinal);
        Assert.Null(RandomisationRules.CheckArm(Switched, 2, Blueprint with { Features = [] }, Blueprint));
    }

    [Fact] // simulation: 40 companies; units of a company are alike (intraclass correlation 0.5)
    public void Intervals_by_cluster_cover_and_those_by_unit_do_not()
    {
        int runs = Sizes.Designs, covered = 0, byUnit = 0;
        for (var run = 0; run < runs; run++)
        {
            var random = new Philox(91, "clusters", run);
            var lot = Lot(new() { Cluster = "company" }, run);
            var units = new List<ExposedUnit>();
            for (var company = 0; company < 40; company++)
            {
                var (level, size) = (random.Normal(), 5 + random.Below(20));
                for (var i = 0; i < size; i++)
                {
                    var arm = lot($"u{company}-{i}", $"c{company}", Exposed.Start);
                    units.Add(Unit(arm, 10 + level + random.Normal() + 0.5 * arm, $"c{company}", Exposed.Start));
                }
            }

            if (Covers(Clustered, units, 0.5, out _)) covered++;
            if (Covers(Plan, units, 0.5, out _)) byUnit++;
        }

        InBand(covered, runs);
        Assert.True(byUnit / (double)runs < 0.7, $"{byUnit} of {runs}: units taken for the sample must cover too seldom");
    }

    [Fact] // simulation: two weeks of hours with a daily rhythm and good and bad hours; the first 15 minutes still show the arm before
    public void Intervals_by_slot_cover_in_spite_of_rhythm_and_spill_over()
    {
        int runs = Sizes.Designs, covered = 0, byUnit = 0;
        for (var run = 0; run < runs; run++)
        {
            var random = new Philox(92, "slots", run);
            var lot = Lot(new() { Slots = new(60, null) }, run);
            var slots = new TimeSlots(60, 15);
            var units = new List<ExposedUnit>();
            var was = 0;
            for (var hour = 0; hour < 14 * 24; hour++)
            {
                var start = Exposed.Start.AddHours(hour);
                double level = Math.Sin(hour * Math.PI / 12) + random.Normal();
                for (var i = 0; i < 6; i++)
                {
                    var at = start.AddMinutes(10 * i);
                    var arm = lot("u", "", at);
                    var felt = at < start.AddMinutes(15) ? was : arm;
                    // The reader of exposures leaves the burn-in out.
                    if (!slots.IsBurnIn(at)) units.Add(Unit(arm, 10 + level + random.Normal() + 0.6 * felt, "", at));
                }

                was = lot("u", "", start);
            }

            if (Covers(Switched, units, 0.6, out var report)) covered++;
            if (Covers(Plan, units, 0.6, out _)) byUnit++;
            if (run > 0) continue;
            var samples = report.Metrics[0].Comparisons[0].Samples!;
            Assert.Equal((168, 168, "slots"), (samples.Baseline, samples.Arm, samples.Of));
            Assert.True(samples.RandomisationP < 0.05 && samples.CarryOver!.P > 1e-4);
            Assert.Contains(report.Health, h => h.Name == "carry-over");
        }

        InBand(covered, runs);
        Assert.True(byUnit / (double)runs < 0.93, $"{byUnit} of {runs}: units taken for the sample must cover too seldom");
    }

    [Fact] // simulation: three arms, ten renewals by what has come in until then; serving gives the arms, the report weighs by their chances
    public void Intervals_under_shares_that_follow_the_outcomes_cover_and_shares_keep_the_floor()
    {
        int runs = Sizes.Designs, covered = 0, naive = 0;
        var plan = Bandit with { Arms = [.. new[] { "control", "b", "c" }.Select((k, i) => new Arm(k, 1 / 3.0) { Option = "abc"[i].ToString() })] };
        double[] truth = [10, 10.1, 10];
        var sent = 0.0;
        for (var run = 0; run < runs; run++)
        {
            var random = new Philox(93, "bandit", run);
            var epochs = ImmutableArray.Create(new AllocationEpoch(Exposed.Start, [.. plan.Arms.Select(a => a.Weight)]));
            var units = new List<ExposedUnit>();
            for (var day = 0; day < 10; day++)
            {
                var snapshot = Snapshot(new() { Arms = 3, Shares = [.. epochs.Select(e => new SharesSource(e.From, e.Weights))] }, run);
                for (var i = 0; i < 200; i++)
                {
                    var at = Exposed.Start.AddDays(day).AddMinutes(i);
                    var arm = ArmOf(snapshot, $"u{run}-{day}-{i}", "", at);
                    units.Add(Unit(arm, truth[arm] + random.Normal(), "", at));
                }

                var next = Allocation.Next(Report(plan, units, epochs), plan.Bandit!);
                if (next.Held is not null) continue; // of a thousand looks one calls fair shares unfair: shares stay
                Assert.Equal(1, next.Weights.Sum(), 1e-9);
                Assert.All(next.Weights, w => Assert.True(w >= 0.1 - 1e-12));
                epochs = epochs.Add(new(Exposed.Start.AddDays(day + 1), next.Weights));
            }

            var report = Report(plan, units, epochs);
            var comparison = report.Metrics[0].Comparisons[0];
            sent += report.Arms[1].Units / (double)units.Count / runs;
            if (Holds(comparison.Absolute.Fixed, 0.1)) covered++;
            if (Holds(comparison.UnadjustedAbsolute!.Fixed, 0.1)) naive++;
            if (run == 0) Assert.Contains("adaptively-weighted-2", comparison.Absolute.Method, StringComparison.Ordinal);
        }

        InBand(covered, runs);
        Assert.True(sent > 0.4, $"the better arm had {sent:P0} of the units"); // it pays: more than its third
        TestContext.Current.TestOutputHelper?.WriteLine($"bandit: weighted {covered / (double)runs:P1}, plain {naive / (double)runs:P1} of {runs}");
    }

    [Fact]
    public void Shares_stay_where_nothing_can_be_said()
    {
        var few = Enumerable.Range(0, 40).Select(i => Unit(i % 2, i, "", Exposed.Start)).ToList();
        Assert.Contains("20 of 30 units", Allocation.Next(Report(Bandit, few, []), Bandit.Bandit!).Held, StringComparison.Ordinal);
        var equal = Enumerable.Range(0, 400).Select(i => Unit(i % 2, 1, "", Exposed.Start)).ToList();
        Assert.Contains("the same revenue", Allocation.Next(Report(Bandit, equal, []), Bandit.Bandit!).Held, StringComparison.Ordinal);
        var huge = Enumerable.Range(0, 400).Select(i => Unit(i % 2, i % 4 < 2 ? 1e200 : 2e200, "", Exposed.Start)).ToList();
        Assert.Contains("too large to compute with", Allocation.Next(Report(Bandit, huge, []), Bandit.Bandit!).Held, StringComparison.Ordinal);
        var lost = Enumerable.Range(0, 400).Select(i => Unit(i % 4 == 0 ? 0 : 1, i, "", Exposed.Start)).ToList();
        Assert.Contains("where", Allocation.Next(Report(Bandit, lost, []), Bandit.Bandit!).Held, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_clusters_or_slots_are_said_and_units_of_no_cluster_are_left_out()
    {
        var units = Enumerable.Range(0, 600).Select(i => Unit(i % 3 == 0 ? 1 : 0, i % 7, $"c{i % 6}", Exposed.Start)).ToList();
        var comparison = Report(Clustered, units, []).Metrics[0].Comparisons[0];
        Assert.Equal((2L, 5L, "clusters in treatment"), (comparison.Shortage!.Have, comparison.Shortage.Need, comparison.Shortage.Of));
        var lost = Report(Clustered, [.. units, Exposed.Unit(0, [1], [(byte)ServedKind.Missing])], []);
        Assert.Equal((600, 1), (lost.Arms.Sum(a => a.Units), lost.UnitsLeftOut));
        Assert.Empty(lost.Segments);
        Assert.Null(comparison.Course);
    }

    [Fact]
    public void Clusters_that_are_lost_from_one_arm_raise_the_alarm()
    {
        var units = Enumerable.Range(0, 600).Select(i => Unit(i % 60 < 10 ? 1 : 0, i % 7, $"c{i % 60}", Exposed.Start)).ToList();
        var check = Report(Clustered, units, []).Health.Single(h => h.Name == "sample-ratio");
        Assert.Equal(("Clusters per arm as planned", HealthState.Red), (check.Title, check.State));
    }

    private sealed record Lots
    {
        public int Arms { get; init; } = 2;
        public string? Cluster { get; init; }
        public SlotSource? Slots { get; init; }
        public ImmutableArray<SharesSource> Shares { get; init; } = [];
    }

    private static ServingSnapshot Snapshot(Lots lots, int salt)
    {
        var content = Serve.Banner() with { Features = [new("company", FeatureKind.Category)] };
        ArmSource[] arms = [.. Enumerable.Range(0, lots.Arms).Select(i => new ArmSource($"arm{i}", 1.0 / lots.Arms, content.Options[i].Key, null, null))];
        return Serve.Snapshot(Serve.Point(content, experiments: Serve.Experiment(arms) with { Salt = 1_000 + salt, StartedAt = Exposed.Start, Cluster = lots.Cluster, Slots = lots.Slots, Shares = lots.Shares }));
    }

    private static int ArmOf(ServingSnapshot snapshot, string unit, string company, DateTimeOffset at) => DecisionEngine.Decide(
        snapshot, snapshot.Points[0], new(Serve.Utf8(unit), Serve.Utf8(unit), Serve.Utf8(company.Length == 0 ? "{}" : $$"""{"company":"{{company}}"}"""), at: at), DecisionWorkspace.OfThread).Arm;

    private static Func<string, string, DateTimeOffset, int> Lot(Lots lots, int salt)
    {
        var snapshot = Snapshot(lots, salt);
        return (unit, company, at) => ArmOf(snapshot, unit, company, at);
    }

    private static ExposedUnit Unit(int arm, double value, string company, DateTimeOffset at)
    {
        var served = new byte[64];
        var length = company.Length == 0 ? ServedRow.WriteMissing(served) : ServedRow.WriteText(served, Encoding.UTF8.GetBytes(company));
        length += ServedRow.WriteMissing(served.AsSpan(length));
        var unit = Exposed.Unit(arm, [value], served[..length]);
        return unit with { Decision = unit.Decision with { Time = at } };
    }

    private static ReportContent Report(ExperimentPlan plan, List<ExposedUnit> units, ImmutableArray<AllocationEpoch> epochs) => Exposed.Report(
        Exposed.Settings(plan, "revenue") with { Allocation = epochs.Length > 1 ? epochs : [], IsAdaptive = plan.Bandit is not null }, Blueprint, units, features: Features);

    private static bool Covers(ExperimentPlan plan, List<ExposedUnit> units, double truth, out ReportContent report)
    {
        report = Report(plan, units, []);
        var figures = report.Metrics[0].Comparisons[0].Absolute;
        Assert.Null(figures.Why);
        return Holds(figures.Fixed, truth);
    }

    private static bool Holds(IntervalFigures interval, double truth) => interval.Low <= truth && truth <= interval.High;

    // A whole point on either side at full size; what fewer runs leave open by chance comes on top.
    private static void InBand(int covered, int runs)
    {
        var chance = 3.3 * Math.Sqrt(0.95 * 0.05 / runs);
        TestContext.Current.TestOutputHelper?.WriteLine($"covered {covered / (double)runs:P1} of {runs}");
        Assert.InRange(covered / (double)runs, 0.95 - chance - 0.005, 0.95 + chance + 0.005);
    }
}

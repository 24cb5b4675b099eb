using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

public sealed class ExperimentServingTests
{
    private static readonly ImmutableArray<string> Options = ["none", "ten-percent", "free-shipping"];

    [Fact]
    public void Arms_of_two_versions_may_have_more_options_together_than_one_version()
    {
        BlueprintContent Of(int from) => Serve.Banner() with { Options = [.. Enumerable.Range(from, 50).Select(i => new Option($"o{i}"))], Default = $"o{from}" };
        var snapshot = Serve.Snapshot(Serve.Point(Of(0), experiments: Serve.Experiment(new("old", 0.5, null, null, 1), new("new", 0.5, null, null, 2))) with
        {
            CurrentVersion = 2, Blueprints = [new(1, BlueprintJson.Write(Of(0))), new(2, BlueprintJson.Write(Of(30)))],
        });
        for (var i = 0; i < 200; i++)
        {
            var decision = Serve.Decide(snapshot, $"u{i}");
            var isShared = int.Parse(decision.Key()[1..], System.Globalization.CultureInfo.InvariantCulture) is >= 30 and < 50;
            Assert.Equal(isShared ? 1 / 50.0 : 1 / 100.0, decision.Propensity, 1e-12);
        }
    }

    [Fact]
    public void R9_a_million_units_are_shared_out_as_planned_and_keep_their_arms()
    {
        double[] weights = [0.5, 0.3, 0.2];
        var experiment = Serve.Experiment(new("a", 0.5, "none", null, null), new("b", 0.3, "ten-percent", null, null), new("c", 0.2, "free-shipping", null, null));
        var first = Serve.Snapshot(Serve.Point(Serve.Banner(), experiments: experiment)).Points[0].Experiments[0];
        var later = Serve.Snapshot(Serve.Point(Serve.Banner(new BestPolicy()), experiments: experiment), Serve.Point(Serve.Banner(), "other")).Points[0].Experiments[0];
        const int n = 1_000_000;
        var counts = new int[3];
        Span<byte> unit = stackalloc byte[24];
        for (var i = 0; i < n; i++)
        {
            "user-"u8.CopyTo(unit);
            i.TryFormat(unit[5..], out var digits);
            var arm = first.ArmOf(unit[..(5 + digits)]);
            if (arm != later.ArmOf(unit[..(5 + digits)])) Assert.Fail($"unit {i} changed its arm with the snapshot");
            counts[arm]++;
        }
        var chi2 = counts.Select((count, arm) => Math.Pow(count - n * weights[arm], 2) / (n * weights[arm])).Sum();
        Assert.True(chi2 < 13.816, $"id R9, N {n}, χ² {chi2:F3} of {string.Join('/', counts)}, bound 13.816 (p 0.001, 2 degrees)");
    }

    [Fact]
    public void R9_holdout_arm_and_traffic_are_drawn_independently()
    {
        var point = Serve.Point(Serve.Banner(), experiments: Serve.Experiment(new("a", 1, "none", null, null), new("b", 1, "ten-percent", null, null)) with { Traffic = 0.5 });
        var snapshot = Serve.Snapshot(point);
        var arms = new int[2];
        const int n = 100_000;
        for (var i = 0; i < n; i++)
        {
            if (snapshot.Points[0].Experiments[0].ArmOf(Serve.Utf8($"user-{i}")) is >= 0 and var arm) arms[arm]++;
        }
        Assert.Equal(0.5, arms.Sum() / (double)n, 4 * Math.Sqrt(0.25 / n));
        Assert.Equal(0.5, arms[0] / (double)arms.Sum(), 4 * Math.Sqrt(0.25 / arms.Sum()));
    }

    [Fact]
    public void R9_a_held_out_unit_enters_no_experiment_and_the_arms_keep_their_shares()
    {
        var decided = Decided(held: 0.1, frozen: 0.1, out var reasons);
        const int n = 20_000;
        var held = decided.Count(arm => arm == -1);
        Assert.Equal(0.1, held / (double)n, 4 * Math.Sqrt(0.09 / n));
        Assert.All(decided.Zip(reasons), one => Assert.Equal(one.First == -1, one.Second == Reason.Holdout));
        Assert.Equal(0.5, decided.Count(arm => arm == 0) / (double)(n - held), 4 * Math.Sqrt(0.25 / (n - held)));
    }

    [Fact]
    public void R9_a_version_with_another_holdout_leaves_a_running_experiment_its_units()
    {
        var before = Decided(held: 0.1, frozen: 0.1, out _);
        Assert.Equal(before, Decided(held: 0.3, frozen: 0.1, out _));
        Assert.Equal(before, Decided(held: 0, frozen: 0.1, out var reasons));
        Assert.DoesNotContain(Reason.Holdout, reasons); // nobody is held out any more, and none of those enters the experiment
        Assert.Equal(0.7, Decided(held: 0.3, frozen: 0.3, out _).Count(arm => arm >= 0) / 20_000.0, 4 * Math.Sqrt(0.21 / 20_000));
    }

    // The arm of 20,000 units in turn, −1 outside.
    private static int[] Decided(double held, double frozen, out Reason[] reasons)
    {
        var content = Serve.Banner() with { Rollout = new() { Holdout = held } };
        var experiment = Serve.Experiment(new("a", 0.5, "none", null, null), new("b", 0.5, "ten-percent", null, null)) with { Holdout = frozen };
        var snapshot = Serve.Snapshot(Serve.Point(content, experiments: experiment));
        var decisions = Enumerable.Range(0, 20_000).Select(i => Serve.Decide(snapshot, $"user-{i}")).ToArray();
        reasons = [.. decisions.Select(d => d.Reason)];
        return [.. decisions.Select(d => d.Experiment is null ? -1 : d.Arm)];
    }

    [Fact]
    public void Propensity_in_an_experiment_is_the_share_weighted_mixture_of_all_arms()
    {
        var point = Serve.Point(Serve.Banner(new RandomPolicy()), experiments: Serve.Experiment(
            new("fixed", 0.5, "none", null, null), new("best", 0.3, null, new BestPolicy(), null), new("current", 0.2, null, null, null)));
        var snapshot = Serve.Snapshot(point with { Models = [Serve.Model("purchase", Options, [0.1, 0.2, 0.3])] });
        const int n = 60_000;
        double[] expected = [0.5 + 0.2 / 3, 0.2 / 3, 0.3 + 0.2 / 3];
        var counts = new int[3];
        var reasons = new Dictionary<string, HashSet<Reason>>();
        for (var i = 0; i < n; i++)
        {
            var decision = Serve.Decide(snapshot, $"user-{i}");
            Assert.Equal(expected[decision.Answer.Option], decision.Propensity, 1e-12);
            counts[decision.Answer.Option]++;
            var arm = point.Experiments[0].Arms[decision.Arm].Key;
            (reasons.TryGetValue(arm, out var seen) ? seen : reasons[arm] = []).Add(decision.Reason);
        }
        var chi2 = counts.Select((count, option) => Math.Pow(count - n * expected[option], 2) / (n * expected[option])).Sum();
        Assert.True(chi2 < 13.816, $"χ² {chi2:F3} of {string.Join('/', counts)}");
        Assert.Equal([Reason.Experiment], reasons["fixed"]);
        Assert.Equal([Reason.Policy], reasons["best"]);
        Assert.Equal([Reason.Explore], reasons["current"]);
    }

    [Fact]
    public void An_arm_of_another_version_reads_the_context_in_its_own_order_and_options_are_matched_by_key()
    {
        var now = Serve.Banner(new FixedPolicy("ten-percent"));
        var next = now with { Options = [new("free-shipping"), new("none"), new("new")], Features = [new("cartValue", FeatureKind.Number)], Policy = new RandomPolicy() };
        var point = Serve.Point(now, experiments: Serve.Experiment(new("now", 0.5, null, null, null), new("next", 0.5, null, null, 2), new("none", 0, "none", null, null)));
        var snapshot = Serve.Snapshot(point with { Blueprints = [.. point.Blueprints, new(2, BlueprintJson.Write(next))] });
        var seen = new Dictionary<string, double>();
        for (var i = 0; i < 1_000; i++)
        {
            var workspace = new DecisionWorkspace();
            var decision = Serve.Decide(snapshot, $"user-{i}", context: """{"country":"NL","cartValue":5}""", workspace: workspace);
            Assert.Equal(decision.Arm == 0 ? (1, "NL 5 - -") : (2, "5"), (decision.Blueprint!.Version, ContextReaderTests.Shown(workspace.Served)));
            seen[decision.Key()] = decision.Propensity;
        }
        Assert.Equal(["free-shipping", "new", "none", "ten-percent"], seen.Keys.Order());
        Assert.Equal(0.5, seen["ten-percent"], 1e-12);
        Assert.Equal(0.5 / 3, seen["none"], 1e-12);
    }

    [Fact]
    public void Arms_of_a_value_share_the_propensity_of_equal_numbers()
    {
        var content = new BlueprintContent { Shape = DecisionShape.Value, Default = "10", Policy = new FixedPolicy("10") };
        var point = Serve.Point(content, experiments: Serve.Experiment(new("a", 0.25, "10", null, null), new("b", 0.25, null, null, null), new("c", 0.5, "12", null, null)));
        var snapshot = Serve.Snapshot(point);
        for (var i = 0; i < 100; i++) Assert.Equal(0.5, Serve.Decide(snapshot, $"user-{i}").Propensity, 1e-12);
    }

    [Fact]
    public void A_stopped_experiment_covers_nobody_and_its_arms_keep_their_names()
    {
        var snapshot = Serve.Snapshot(Serve.Point(Serve.Banner(), experiments: Serve.Experiment(new ArmSource("a", 1, "none", null, null)) with { IsRunning = false }));
        Assert.Null(Serve.Decide(snapshot, "u").Experiment);
        Assert.Equal("a", snapshot.Points[0].KnownExperiments[0].Arms[0].Key);
    }
}

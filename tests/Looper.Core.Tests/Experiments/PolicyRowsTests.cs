using Looper.Core.Experiments;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Experiments;

/// <summary>A log whose truth is known: option b is right for half of the units, a for the others.</summary>
public class PolicyRowsTests
{
    private static System.Collections.Immutable.ImmutableArray<PolicyRow> Simulated(int n, double epsilon, int seed = 1)
    {
        var random = new Philox(seed);
        var rows = new PolicyRows(["a", "b"], 0.95);
        for (var i = 0; i < n; i++)
        {
            var right = random.Uniform() < 0.5 ? 0 : 1;
            var option = random.Uniform() < 1 - epsilon / 2 ? right : 1 - right;
            rows.Add($"u{i}", option, right, option == right ? 1 - epsilon / 2 : epsilon / 2, random.Uniform() < (option == right ? 0.3 : 0.1) ? 1 : 0, 2);
        }

        return rows.Policies();
    }

    [Fact]
    public void Every_policy_is_valued_from_one_log()
    {
        var policies = Simulated(40_000, 0.5);
        double At(PolicyKind kind) => policies.First(p => p.Kind == kind).Snips.Value;
        Assert.Equal(0.25, At(PolicyKind.Served), 0.01);
        Assert.Equal(0.30, At(PolicyKind.BestPredicted), 0.01);
        Assert.Equal(0.20, At(PolicyKind.Random), 0.01);
        Assert.Equal(0.20, At(PolicyKind.Constant), 0.01);
        Assert.All(policies, p => Assert.Equal(Overlap.Good, p.Overlap));
    }

    [Fact]
    public void Intervals_cover_the_truth()
    {
        int snips = 0, change = 0;
        for (var seed = 0; seed < 500; seed++)
        {
            var random = Simulated(600, 0.6, seed).First(p => p.Kind == PolicyKind.Random);
            if (random.Snips.Low <= 0.2 && 0.2 <= random.Snips.High) snips++;
            if (random.Change.Low <= 0.2 - 0.24 && 0.2 - 0.24 <= random.Change.High) change++;
        }

        Looper.Core.Tests.Statistics.Draw.InBand(0.95, 500, snips / 500.0);
        Looper.Core.Tests.Statistics.Draw.InBand(0.95, 500, change / 500.0);
    }

    [Fact]
    public void What_was_hardly_tried_is_refused_with_a_reason()
    {
        var rows = new PolicyRows(["a", "b"], 0.95);
        for (var i = 0; i < 5_000; i++) rows.Add($"u{i}", 0, -1, 1, i % 2, 2);
        var policies = rows.Policies();
        var never = policies.Single(p => p.Option == "b");
        Assert.Equal(Overlap.None, never.Overlap);
        Assert.True(double.IsNaN(never.Snips.Value));
        Assert.Contains("100 are needed", never.Refused, StringComparison.Ordinal);
        Assert.Equal(0.5, policies.Single(p => p.Option == "a").Snips.Value);
    }

    [Fact] // b was given with certainty where it is right: nothing is known of it, or of a, for the other half
    public void What_was_certain_tells_nothing_of_other_answers()
    {
        var policies = Simulated(10_000, epsilon: 0);
        Assert.All(policies.Where(p => p.Kind is PolicyKind.Constant or PolicyKind.Random), p =>
        {
            Assert.Equal(Overlap.None, p.Overlap);
            Assert.Contains("the answer was certain", p.Refused, StringComparison.Ordinal);
            Assert.True(double.IsNaN(p.Snips.Value) && double.IsNaN(p.Ips.Value) && double.IsNaN(p.Change.Value));
        });
        Assert.All(policies.Where(p => p.Kind is PolicyKind.Served or PolicyKind.BestPredicted), p => Assert.Null(p.Refused));
    }

    [Fact] // c came with a later version: two thirds of these decisions could not be it
    public void What_was_not_there_for_most_decisions_is_refused()
    {
        var (random, rows) = (new Philox(5), new PolicyRows(["a", "b", "c"], 0.95));
        for (var i = 0; i < 9_000; i++)
        {
            var options = i < 6_000 ? 2 : 3;
            rows.Add($"u{i}", (int)(random.NextUInt32() % options), -1, 1.0 / options, random.Uniform() < 0.2 ? 1 : 0, 3);
        }
        var late = rows.Policies().Single(p => p.Option == "c");
        Assert.Contains("where the log never went", late.Refused, StringComparison.Ordinal);
        Assert.Null(rows.Policies().Single(p => p.Option == "a").Refused);
    }

    [Fact]
    public void Many_decisions_of_few_units_are_refused()
    {
        var rows = new PolicyRows(["a", "b"], 0.95);
        for (var i = 0; i < 3_000; i++) rows.Add($"u{i % 8}", i / 8 % 2, -1, 0.5, i % 5 == 0 ? 1 : 0, 2);
        Assert.All(rows.Policies(), p => Assert.Contains("8 units that weigh alike; 30 are needed", p.Refused, StringComparison.Ordinal));
    }

    [Fact] // an even draw over three, one of which is gone by now: those decisions weigh nothing, and count
    public void Decisions_for_an_option_that_is_gone_weigh_nothing()
    {
        var (random, rows) = (new Philox(4), new PolicyRows(["a", "b"], 0.95));
        for (var i = 0; i < 9_000; i++)
        {
            var option = (int)(random.NextUInt32() % 3);
            rows.Add($"u{i}", option == 2 ? -1 : option, 0, 1 / 3.0, random.Uniform() < 0.2 ? 1 : 0, 2);
        }
        Assert.All(rows.Policies(), p =>
        {
            Assert.Equal(1, p.MeanWeight, 0.05);
            Assert.Equal(0.2, p.Ips.Value, 0.02);
        });
    }

    [Fact]
    public void Nothing_logged_is_said_so() => Assert.All(new PolicyRows(["a", "b"], 0.95).Policies(), p => Assert.NotNull(p.Refused));
}

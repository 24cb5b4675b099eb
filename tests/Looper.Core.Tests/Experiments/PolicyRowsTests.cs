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

    [Fact]
    public void Nothing_logged_is_said_so() => Assert.All(new PolicyRows(["a", "b"], 0.95).Policies(), p => Assert.NotNull(p.Refused));
}

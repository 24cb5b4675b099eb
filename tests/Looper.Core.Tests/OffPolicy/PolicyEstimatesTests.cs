using System.Globalization;
using System.Text.Json.Nodes;
using Looper.Core.Files;
using Looper.Core.OffPolicy;
using Looper.Testing;

namespace Looper.Core.Tests.OffPolicy;

/// <summary>All estimators at once, their intervals, and the reward model (statistics.md D; data README, ope/multiclass).</summary>
public class PolicyEstimatesTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, (ModelledRewards Plain, ModelledRewards Robust)> s_first = []; // a fit takes half a minute; tests of a class come one after another

    [Theory, InlineData("digits"), InlineData("satellite")] // weights alone: the error over 20 logs is that of the reference
    public void Inverse_propensity_is_as_far_off_over_twenty_logs_as_the_reference(string name)
    {
        Assert.SkipUnless(SharedData.IsHere, SharedData.Absent);
        var log = MulticlassLog.Read(name);
        LoggedRows[] rows = [.. Enumerable.Range(0, 20).Select(log.Rows)];
        double Error(Func<LoggedRows, PolicyValue> estimate) => Math.Sqrt(rows.Average(r => Math.Pow(estimate(r).Value - log.Truth, 2)));
        Assert.Equal(log.ErrorOf("ips"), Error(r => Estimators.Ips(r.Weights, r.Rewards)), 1e-5);
        Assert.Equal(log.ErrorOf("snips"), Error(r => Estimators.Snips(r.Weights, r.Rewards)), 1e-5);
    }

    [Theory, InlineData("digits"), InlineData("satellite")]
    public void With_its_own_reward_model_the_doubly_robust_value_is_nearer_the_truth_than_every_reference(string name)
    {
        Assert.SkipUnless(SharedData.IsHere, SharedData.Absent);
        var (log, errors) = (MulticlassLog.Read(name), new Dictionary<string, double>());
        for (var k = 0; k < Sizes.ModelledLogs; k++)
        {
            var (plain, robust) = k == 0 ? First(name, log) : log.Fitted(k);
            foreach (var e in PolicyEstimates.Of(log.Rows(k) with { Model = plain, RobustModel = robust }, new() { Replicates = 10 }))
                errors[e.Name] = errors.GetValueOrDefault(e.Name) + Math.Pow(e.Value.Value - log.Truth, 2) / Sizes.ModelledLogs;
            output.WriteLine($"{name} {k + 1} logs: dr {Math.Sqrt(errors["dr"] * Sizes.ModelledLogs / (k + 1)):F5}, sndr {Math.Sqrt(errors["sndr"] * Sizes.ModelledLogs / (k + 1)):F5}");
        }
        foreach (var (estimator, square) in errors) output.WriteLine($"{name} {estimator}: {Math.Sqrt(square):F5}, reference's best {log.BestError:F5}");
        if (Sizes.IsLong) Assert.True(Math.Sqrt(errors["dr"]) <= log.BestError, $"{Math.Sqrt(errors["dr"]):F5} where the reference's best is {log.BestError:F5}");
        else Assert.InRange(Math.Sqrt(errors["dr"]), 0, 4 * log.BestError); // one log alone
    }

    [Theory, InlineData("digits", 1e-9), InlineData("satellite", 1e-7)]
    public void Every_estimator_equals_the_reference_and_bootstrap_ends_lie_within_a_twentieth_of_its_interval(string name, double tolerance)
    {
        Assert.SkipUnless(SharedData.IsHere, SharedData.Absent);
        var log = MulticlassLog.Read(name);
        var rows = log.Rows(0) with { Model = log.Apply(MulticlassLog.Matrix($"{name}_qhat_rep0"), 0), RobustModel = log.Apply(MulticlassLog.Matrix($"{name}_qhat_mrdr_rep0"), 0) };
        var estimates = PolicyEstimates.Of(rows, new() { Replicates = 4_000 }).ToDictionary(e => e.Name);
        Assert.Equal(["ips", "ips-clip", "sg-ips", "snips", "dm", "dr", "sndr", "switch-dr", "dr-os", "sg-dr", "mrdr"], estimates.Keys);
        foreach (var estimator in new[] { "ips", "snips", "dm", "dr", "sndr", "mrdr" })
        {
            var (expected, actual) = (log.Reference[estimator]!, estimates[estimator]);
            Assert.Equal((double)expected["value"]!, actual.Value.Value, tolerance);
            if (estimator is "snips" or "sndr") continue; // the reference draws terms with the weights' mean held fixed; these are drawn as the ratio they are
            var (low, high) = ((double)expected["bootstrap_ci"]![0]!, (double)expected["bootstrap_ci"]![1]!);
            Assert.Equal(low, actual.Bootstrap.Low, 0.05 * (high - low));
            Assert.Equal(high, actual.Bootstrap.High, 0.05 * (high - low));
        }
        Assert.Equal(actual: estimates["snips"].Bootstrap.Width, expected: estimates["snips"].Normal.Width, tolerance: 0.1 * estimates["snips"].Normal.Width);
    }

    [Fact] // two policies on the same rows share the noise of the rewards: their difference is far surer than either
    public void The_change_of_a_policy_that_hardly_differs_is_surer_than_its_value()
    {
        var rows = SimulatedLog.Make(4_000, seed: 1, wanted: 0.52, logged: 0.5).Rows;
        var snips = PolicyEstimates.Of(rows, new()).First(e => e.Name == "snips");
        Assert.True(snips.Change.StandardError < 0.2 * snips.Value.StandardError);
        Assert.Equal(snips.Change.Estimate / (snips.Value.Value - snips.Change.Estimate), snips.Relative.Estimate, 1e-12);
    }

    [Fact]
    public void Empirical_Bernstein_needs_a_declared_ceiling_and_bounded_rewards_and_is_wider_than_the_bootstrap()
    {
        var rows = SimulatedLog.Make(4_000, seed: 2, wanted: 0.7, logged: 0.5).Rows;
        Assert.False(PolicyEstimates.Of(rows, new())[0].Bernstein.IsDefined);
        var ips = PolicyEstimates.Of(rows with { WeightCeiling = 2, RewardRange = (0, 1) }, new())[0];
        Assert.True(ips.Bernstein.Low < ips.Bootstrap.Low && ips.Bernstein.High > ips.Bootstrap.High);
    }

    [Fact] // published: Maurer and Pontil 2009, theorem 4, by hand for n = 4, V = 1/3, B = 1, δ = 0.025
    public void Empirical_Bernstein_is_the_published_formula()
    {
        var interval = EmpiricalBernstein.Of([0, 1, 0, 1], 1, 0.95);
        var log = Math.Log(2 / 0.025);
        var half = Math.Sqrt(2 / 3.0 * log / 4) + 7 * log / 9;
        Assert.Equal(0.5 - half, interval.Low, 1e-12);
        Assert.Equal(0.5 + half, interval.High, 1e-12);
    }

    [Fact] // by hand: the candidates of so few rows agree, so that the last one is taken, λ = 256^(−1/8) = 1/2, and weights 256, 1, 3, 0 become 512/257, 1, 3/2, 0
    public void Sub_Gaussian_weights_are_shrunk_as_strongly_as_Slope_allows()
    {
        var rows = new LoggedRows([256, 1, 3, 0], [0, 1, 1, 1], [0, 1, 2, 3]) { Model = new([0.25, 0.5, 0.5, 1], [0.5, 0.5, 0.5, 0.5]), WeightCeiling = 300, RewardRange = (0, 1) };
        var estimates = PolicyEstimates.Of(rows, new() { Replicates = 10 }).ToDictionary(e => e.Name);
        Assert.Equal(0.5, estimates["sg-ips"].Constant, 1e-12);
        Assert.Equal((1 + 1.5) / 4, estimates["sg-ips"].Value.Value, 1e-12);
        Assert.Equal(0.5, estimates["sg-dr"].Constant, 1e-12);
        Assert.Equal(0.5 + (-0.25 * 512 / 257 + 0.5 * 1 + 0.5 * 1.5) / 4, estimates["sg-dr"].Value.Value, 1e-12);
        var term = 7 * Math.Log(80) / 9; // of empirical Bernstein, for n = 4 and a range of 1; no weight comes out above 2
        double Spread(double[] terms) => Math.Sqrt(2 * terms.Sum(t => Math.Pow(t - terms.Average(), 2)) / 3 * Math.Log(80) / 4);
        Assert.Equal(2 * (Spread([0, 1, 1.5, 0]) + 2 * term), estimates["sg-ips"].Bernstein.Width, 1e-9);
        Assert.Equal(2 * (Spread([0.5 - 0.25 * 512 / 257, 1, 1.25, 0.5]) + 5 * term), estimates["sg-dr"].Bernstein.Width, 1e-9);
    }

    [Fact] // none is above 1, as for a policy that wants what was always given
    public void Weights_that_are_nowhere_large_are_not_shrunk()
    {
        var rows = new LoggedRows([1, 0.5, 0, 1], [1, 1, 0, 0], [0, 1, 2, 3]) { Model = new([1, 0, 0, 0], [0.5, 0.5, 0.5, 0.5]) };
        var estimates = PolicyEstimates.Of(rows, new() { Replicates = 10 }).ToDictionary(e => e.Name);
        foreach (var (shrunk, plain) in new[] { ("sg-ips", "ips"), ("sg-dr", "dr") })
        {
            Assert.True(double.IsNaN(estimates[shrunk].Constant));
            Assert.Equal(estimates[plain].Value, estimates[shrunk].Value);
        }
    }

    [Fact] // weights that carry nothing but noise are cut; where cutting costs truth they are not
    public void Slope_cuts_until_intervals_part()
    {
        Assert.Equal(2, Slope.Choose([new(0.5, 0.1), new(0.52, 0.05), new(0.49, 0.02)]));
        Assert.Equal(1, Slope.Choose([new(0.5, 0.01), new(0.5, 0.009), new(0.3, 0.005)]));
    }

    [Theory, InlineData("digits"), InlineData("satellite")]
    public void The_reward_model_explains_rows_of_units_it_has_not_seen(string name)
    {
        Assert.SkipUnless(SharedData.IsHere, SharedData.Absent);
        var log = MulticlassLog.Read(name);
        var (plain, robust) = First(name, log);
        Assert.InRange(plain.Explains(log.Rewards(0), log.Taken(0)), 0.3, 1);
        var estimates = PolicyEstimates.Of(log.Rows(0) with { Model = plain, RobustModel = robust }, new()).ToDictionary(e => e.Name);
        Assert.InRange(log.Truth, estimates["sndr"].Value.At(0.999).Low, estimates["sndr"].Value.At(0.999).High);
        Assert.True(estimates["sndr"].Value.StandardError < estimates["ips"].Value.StandardError);
    }

    private static (ModelledRewards Plain, ModelledRewards Robust) First(string name, MulticlassLog log)
    {
        if (!s_first.TryGetValue(name, out var fitted)) s_first[name] = fitted = log.Fitted(0);
        return fitted;
    }
}

using System.Text.Json.Nodes;
using Looper.Core.Causal;
using Looper.Testing;

namespace Looper.Core.Tests.Causal;

public class UpliftTests
{
    [Theory, InlineData("a"), InlineData("b_unbalanced"), InlineData("c_continuous")] // uplift-metrics-golden.json of the data README
    public void Figures_equal_the_golden_ones(string id)
    {
        Assert.SkipUnless(SharedData.IsHere, SharedData.Absent);
        var cases = JsonNode.Parse(File.ReadAllText(SharedData.File("hte", "uplift-metrics-golden.json")))!["cases"]!.AsArray();
        var golden = cases.Single(c => (string)c!["id"]! == id)!;
        double[] Numbers(string name) => [.. golden[name]!.AsArray().Select(v => (double)v!)];
        var uplift = Uplift.Of(Numbers("score"), [.. Numbers("w").Select(w => w == 1)], Numbers("y"));
        var own = golden["expected"]!["own"]!;
        void Equal(string name, double actual) => Assert.True(Math.Abs((double)own[name]! - actual) <= 1e-9 * Math.Abs((double)own[name]!), $"{name}: {actual}");
        Equal("qini", uplift.Qini);
        Equal("auuc", uplift.Auuc);
        Equal("auuc_random", uplift.AuucOfChance);
        Equal("uplift_top30", uplift.Top30);
    }

    [Fact] // by hand: 4 units, the best two treated 1, 0 against control 0
    public void A_small_ranking_by_hand()
    {
        var uplift = Uplift.Of([4, 3, 2, 1], [true, false, true, false], [1, 0, 0, 0]);
        // Q: 1, 1, 1, 1; area (0.5 + 1 + 1 + 1)/4 = 0.875, half of Q(n) 0.5, two treated
        Assert.Equal((0.875 - 0.5) / 2, uplift.Qini, 1e-15);
    }

    [Fact] // of two units half of all draws have one arm only, and the others are all the same two: no error of 0
    public void An_error_that_few_draws_can_tell_is_undefined()
    {
        Assert.True(double.IsNaN(Uplift.StandardErrors([2, 1], [true, false], [1, 0], replicates: 200, seed: 1).Qini));
        double[] scores = [.. Enumerable.Range(0, 100).Select(i => -(double)i)], outcomes = [.. scores.Select(s => s % 3 == 0 ? 1.0 : 0)];
        var errors = Uplift.StandardErrors(scores, [.. Enumerable.Range(0, 100).Select(i => i < 30 || i % 2 == 0)], outcomes, replicates: 200, seed: 1); // nobody of the first 30 is a control
        Assert.True(errors.Qini > 0);
        Assert.Equal((double.NaN, double.NaN, double.NaN), (errors.Top10, errors.Top20, errors.Top30));
    }

    [Fact]
    public void An_empty_arm_has_no_uplift() => Assert.True(double.IsNaN(Uplift.Of([2, 1], [true, true], [1, 0]).Qini));

    [Fact] // TOC by hand: ranking 2 > 1 with scores 3, 1: TOC(1/2) = 3 − 2, TOC(1) = 0
    public void Ranked_effect_by_hand()
    {
        var rate = RankedEffect.Of([4, 3, 2, 1], [3, 1, 1, 1], seed: 1);
        Assert.Equal((1.5 + 0.5 + 1.0 / 6 + 0) / 4, rate.Autoc, 1e-12);
    }

    [Fact] // ties share their mean, so a constant ranking says nothing
    public void A_ranking_of_ties_is_worth_nothing() => Assert.Equal(0, RankedEffect.Of([1, 1, 1, 1], [3, 1, 1, 1], seed: 1).Autoc, 1e-12);

    [Fact] // summed in another order than the mean: a rounding error over a rounding error would be a p-value
    public void A_ranking_of_ties_has_no_p_value()
    {
        var random = new Looper.Core.Numerics.Philox(9, "ties");
        double[] scores = [.. Enumerable.Range(0, 400).Select(_ => (random.Uniform() < 0.1 ? 2.0 : 0) * (random.Below(2) == 0 ? 1 : -1))];
        var rate = RankedEffect.Of([.. scores.Select(_ => 0.3)], scores, seed: 1);
        Assert.Equal((0.0, 0.0, 0.0, 0.0), (rate.Autoc, rate.StandardError, rate.QiniWeighted, rate.QiniStandardError));
        Assert.True(double.IsNaN(rate.P));
    }
}

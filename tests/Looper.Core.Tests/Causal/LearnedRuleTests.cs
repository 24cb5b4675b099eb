using Looper.Core.Causal;
using Looper.Core.Learning;
using Looper.Core.Numerics;
using Looper.Testing;

namespace Looper.Core.Tests.Causal;

/// <summary>Rules from effects against the truth of simulations.</summary>
public class LearnedRuleTests(ITestOutputHelper output)
{
    private static readonly EffectPlan s_quick = new() { Bases = [BaseLearner.Linear], Learner = "dr", Trees = 50, MostBayesian = 0 };

    [Fact] // learned on three fifths of 20,000 units, valued by the truth of all of them
    public void A_rule_from_effects_is_worth_nearly_the_best_of_its_class()
    {
        var (worst, sum) = (double.PositiveInfinity, 0.0);
        for (var run = 0; run < Sizes.EffectRuns; run++)
        {
            var (arms, truth, _) = HteData.Simulated(20_000, 1, run % 2 == 1, 300 + run);
            double[] gain = [.. truth.Select(t => t - 0.3)];
            var rule = LearnedRule.Of(arms, Nuisances.Of(arms, s_quick).Scores(arms), 0.3, default);
            var best = new PolicyTreeSearch(arms.Units, [new double[arms.Count], gain], 200).Best(2, default).Value;
            var share = LearnedRule.ArmsOf(rule.Tree, arms.Units, [.. Enumerable.Range(0, arms.Count)]).Zip(gain, (a, g) => a * g).Average() / best;
            (worst, sum) = (Math.Min(worst, share), sum + share);
        }
        output.WriteLine($"value of the learned rule over the best of its class: mean {sum / Sizes.EffectRuns:P2}, worst {worst:P2} of {Sizes.EffectRuns}");
        Assert.True(worst >= 0.98, $"{worst:P2}");
    }

    [Fact] // a third may be treated: those with the greatest effect, x₁ above its upper third
    public void A_budget_is_kept_by_treating_those_who_gain_most()
    {
        var (arms, truth, _) = HteData.Simulated(6_000, 1, false, 21);
        var scores = Nuisances.Of(arms, s_quick).Scores(arms);
        var chooses = LearnedRule.Chooses(arms);
        var none = new double[arms.Count];
        var tree = LearnedRule.Of(arms.Units, chooses, [none, scores], new() { Budget = 0.33 });
        var distilled = LearnedRule.Of(arms.Units, chooses, [none, scores], new() { Budget = 0.33, Effects = [none, truth], Depth = 2 });
        foreach (var rule in new[] { tree, distilled })
        {
            Assert.InRange(rule.TreatedShare, 0.2, 0.37);
            var treated = LearnedRule.ArmsOf(rule.Tree, arms.Units, [.. Enumerable.Range(0, arms.Count)]);
            Assert.True(truth.Where((_, i) => treated[i] == 1).Average() > 1.3); // 0.5 + E[x₁ | upper third] = 1.59
        }
        Assert.True(double.IsNaN(tree.Ideal.Value));
        Assert.True(distilled.Value.Value > 0.85 * distilled.Ideal.Value);
        Assert.Equal(0, LearnedRule.Of(arms.Units, chooses, [none, scores], new() { Costs = [0, 100] }).TreatedShare);
    }

    [Fact] // treating gains 1 and costs 3
    public void Where_treating_costs_more_than_it_gains_nobody_is_treated_and_nothing_is_gained_over_that()
    {
        var rule = LearnedRule.ForAll([0.5, 1.5, 1, 1], 3, treats: false);
        Assert.Equal((0, 0.0, 4), (rule.BestArm, rule.TreatedShare, rule.Judged));
        Assert.Equal((0.0, 0.0, 0.0), (rule.Value.Value, rule.Constant[0].Value, rule.OverBest.Value));
        Assert.Equal((-2.0, 2.0), (rule.Constant[1].Value, rule.Over[1].Value)); // a gain over treating everybody
        Assert.Equal(0, rule.Tree.ArmOf([], new([], [], [])));
    }

    [Fact] // four boxes with effects of alternating sign: no single condition helps, two in turn do
    public void Distilling_a_surface_of_products_finds_both_conditions()
    {
        var (arms, _, _) = HteData.Simulated(4_000, 0, false, 22);
        double[] effect = [.. arms.Units.Values[0].Zip(arms.Units.Values[1], (a, b) => a > 0 == b > 0 ? 1.0 : -1)];
        var none = new double[arms.Count];
        var rule = LearnedRule.Of(arms.Units, LearnedRule.Chooses(arms), [none, effect], new() { Effects = [none, effect], Depth = 4 });
        Assert.True(rule.Value.Value > 0.45, $"{rule.Value.Value}"); // half of the units gain 1 each
        Assert.Equal(0.5, rule.Ideal.Value, 0.03);
    }

    [Fact] // the price is a quantile of all choosing units' gains: found anew for each of 4,000 judged units it would be 6,000 numbers, several times over, each
    public void A_budget_for_single_units_is_priced_once()
    {
        var (arms, truth, _) = HteData.Simulated(10_000, 1, false, 23);
        var none = new double[arms.Count];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var rule = LearnedRule.Of(arms.Units, LearnedRule.Chooses(arms), [none, truth], new() { Budget = 0.3, Effects = [none, truth], Depth = 1 });
        var megabytes = (GC.GetAllocatedBytesForCurrentThread() - before) / 1e6;
        output.WriteLine($"{megabytes:F0} MB");
        Assert.True(rule.Ideal.Value > rule.Value.Value && rule.Value.Value > 0);
        Assert.InRange(megabytes, 0, 250);
    }

    [Fact] // x₁ above 0 (two fifths of the units) gains 1, the others 0.2, and one unit bought for 10,000: half of the units may be treated
    public void A_budget_finds_those_who_gain_beside_one_large_order()
    {
        double[] x = [.. Enumerable.Range(0, 50_000).Select(i => i % 5 < 2 ? 1.0 : -1)];
        double[] gain = [.. x.Select((v, i) => i == 6 ? 10_000 : (v > 0 ? 1 : 0.2) + (i % 3 - 1) * 0.1)];
        var rule = LearnedRule.Of(new([new("x", ColumnKind.Number, [])], [x], new double[x.Length]), [.. x.Select((_, i) => i < 30_000)], [new double[x.Length], gain], new() { Budget = 0.5, Depth = 1 });
        Assert.Equal(0.4, rule.TreatedShare, 0.001);
        Assert.Equal(0.4, rule.Value.Value, 0.01);
    }

    [Fact] // what pays is a matter of columns 1, 2 and 25 together, by half a unit; predicted effects say nothing of the last
    public void Three_conditions_are_searched_among_the_twenty_columns_that_effects_differ_by()
    {
        const int n = 2_500;
        var random = new Philox(24, "columns");
        double[][] values = [.. Enumerable.Range(0, 25).Select(_ => Enumerable.Range(0, n).Select(_ => (double)random.Below(2)).ToArray())];
        DataSet units = new([.. values.Select((_, j) => new Column($"x{j}", ColumnKind.Number, []))], values, new double[n]);
        double[] none = new double[n], predicted = [.. Enumerable.Range(0, n).Select(i => Enumerable.Range(0, 24).Sum(j => (24 - j) * values[j][i]))];
        double[] score = [.. Enumerable.Range(0, n).Select(i => (values[24][i] + values[0][i] + values[1][i]) % 2 == 0 ? 1.0 : -1)];
        double Value(double[] by) => LearnedRule.Of(units, [.. none.Select((_, i) => i % 5 < 4)], [none, score], new() { Depth = 3, Predicted = [none, by] }).Value.Value;
        Assert.InRange(Value(predicted), -0.2, 0.2);
        Assert.Equal(0.5, Value([.. predicted.Select((p, i) => p + 100 * values[24][i])]), 0.1); // found, and the conditions name the columns they are about
    }
}

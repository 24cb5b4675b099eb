using Looper.Core.Causal;
using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Causal;

public class RiskEffectsTests
{
    private static readonly EffectPlan s_quick = new() { Bases = [BaseLearner.Linear], MostBayesian = 0, Trees = 50 };

    [Theory] // by hand: odds of 1/3 and 3 become three times as much, 1 and 9; chances of 0.25 and 0.75 become 0.5 and 0.9, whatever m said of the two groups
    [InlineData(0.3, 0.8)]
    [InlineData(0.9, 0.7)]
    [InlineData(0.02, 0.05)]
    [InlineData(0.001, 0.9)]
    [InlineData(0, 1)] // counts as 0.001 and 0.999
    public void One_odds_ratio_moves_chances_by_what_they_are(double low, double high)
    {
        var (units, treated) = Groups([(0, 20, 5), (0, 20, 10), (1, 20, 15), (1, 20, 18)]);
        var fit = RiskEffects.Fit(new FirstColumn(low, high), units, treated, [.. treated.Select(_ => 1.0)], true);
        Assert.Equal(0.25, fit.Predict([0]), 1e-9);
        Assert.Equal(0.15, fit.Predict([1]), 1e-9);
    }

    [Fact]
    public void Where_all_of_an_arm_say_the_same_the_effect_is_the_rest_to_certainty()
    {
        var (units, treated) = Groups([(0, 20, 5), (0, 20, 20), (1, 20, 15), (1, 20, 20)]);
        var fit = RiskEffects.Fit(new FirstColumn(0.3, 0.8), units, treated, [.. treated.Select(_ => 1.0)], true);
        Assert.Equal(0.75, fit.Predict([0]), 1e-5);
        Assert.Equal(0.25, fit.Predict([1]), 1e-5);
    }

    [Fact] // by hand: the controls of weight 2 say yes in a quarter, those of weight 0 all do
    public void Units_count_by_their_weights()
    {
        var (units, treated) = Groups([(0, 20, 5), (0, 20, 10), (0, 7, 7)], [false, true, false]);
        double[] weights = [.. Enumerable.Range(0, 47).Select(i => i < 20 ? 2.0 : i < 40 ? 1 : 0)];
        Assert.Equal(0.25, RiskEffects.Fit(new FirstColumn(0.4, 0.4), units, treated, weights, true).Predict([0]), 1e-9);
    }

    [Fact] // by hand: least squares of 1, 3 | 2, 6 on arm and group is 2 and 3
    public void Of_other_outcomes_it_is_one_difference_for_all()
    {
        var units = new DataSet([new("x", ColumnKind.Number, [])], [[0, 0, 1, 1]], [1, 3, 2, 6]);
        Assert.Equal(3, RiskEffects.Fit(new FirstColumn(0, 1), units, [false, true, false, true], [1, 1, 1, 1], false).Predict([0]), 1e-9);
    }

    [Theory, InlineData(0), InlineData(3)]
    public void A_fold_is_predicted_as_if_its_outcomes_were_others(int fold)
    {
        var arms = YesNo(600, 5);
        double[] turned = [.. arms.Outcomes.Select((y, i) => arms.Folds[i] == fold ? 1 - y : y)];
        var other = new TwoArms(arms.Labelled(turned), arms.Treated, arms.Propensity, arms.Seed);
        double[] Effects(TwoArms of) => RiskEffects.Of(of, Nuisances.Of(of, s_quick), s_quick).Predictions; // with one base there are no weights that know all folds
        var (before, after) = (Effects(arms), Effects(other));
        for (var i = 0; i < arms.Count; i++)
        {
            if (arms.Folds[i] == fold) Assert.Equal(before[i], after[i]);
            else Assert.NotEqual(before[i], after[i]);
        }
    }

    // half of the units say yes in 8 of 10 and are treated in 8 of 10, the others in 2: nobody is changed by it, though no feature tells the halves apart
    [Fact]
    public void Arms_are_balanced_by_how_likely_each_unit_was_to_be_treated()
    {
        var random = new Philox(3, "halves");
        double[] noise = [.. Enumerable.Range(0, 4_000).Select(_ => random.Normal())], often = [.. noise.Select((_, i) => i % 2 == 0 ? 0.2 : 0.8)];
        bool[] treated = [.. often.Select(p => random.Uniform() < p)];
        double[] y = [.. often.Select(p => random.Uniform() < p ? 1.0 : 0)];
        var arms = new TwoArms(new([new("x", ColumnKind.Number, [])], [noise], y), treated, often, seed: 3);
        Assert.All(RiskEffects.Of(arms, Nuisances.Of(arms, s_quick), s_quick).Predictions, e => Assert.Equal(0, e, 0.06)); // three standard errors; 0.36 unbalanced
    }

    [Fact]
    public void Others_are_told_the_mean_of_what_the_folds_say()
    {
        var arms = YesNo(300, 2);
        var effects = RiskEffects.Of(arms, Nuisances.Of(arms, s_quick), s_quick);
        Assert.Equal(effects.ByFold.Average(f => f.Predict([0.5, 0])), effects.Model.Predict([0.5, 0]), 1e-12);
        Assert.NotEqual(effects.ByFold[0].Predict([0.5, 0]), effects.Model.Predict([0.5, 0]), 1e-12);
    }

    [Fact] // one odds ratio of e, chances from 0.02 to 0.6
    public void Effects_that_follow_the_risk_are_found()
    {
        var arms = YesNo(4_000, 9);
        var nuisances = Nuisances.Of(arms, s_quick);
        double[] truth = [.. arms.Units.Values[0].Select(x => Chance(x, true) - Chance(x, false))];
        double Error(string learner) => HteData.RootMeanSquare(EffectModels.Fit(arms, nuisances, s_quick with { Learner = learner }, false).Effects, truth);
        Assert.True(Error("risk") < 0.03, $"{Error("risk"):F4}");
        Assert.True(Error("risk") < Error("t"), $"{Error("risk"):F4} against {Error("t"):F4}");
    }

    [Fact]
    public void Auto_weighs_it_where_outcomes_are_yes_or_no()
    {
        IEnumerable<string> Weighed(TwoArms arms) => EffectModels.Fit(arms, Nuisances.Of(arms, s_quick), s_quick, false).Weights.Keys;
        Assert.Contains("risk", Weighed(YesNo(300, 1)));
        Assert.DoesNotContain("risk", Weighed(HteData.Simulated(300, 1, false, 1).Arms));
    }

    private static double Chance(double x, bool treated) => 1 / (1 + Math.Exp(2 - x - (treated ? 1 : 0)));

    private static TwoArms YesNo(int n, long seed)
    {
        var random = new Philox(seed, "yes-or-no");
        double[] x = [.. Enumerable.Range(0, n).Select(_ => random.Normal())], other = [.. x.Select(_ => random.Normal())];
        bool[] treated = [.. x.Select(_ => random.Uniform() < 0.5)];
        double[] y = [.. x.Select((v, i) => random.Uniform() < Chance(v, treated[i]) ? 1.0 : 0)];
        return new(new([new("x1", ColumnKind.Number, []), new("x2", ColumnKind.Number, [])], [x, other], y), treated, [.. x.Select(_ => 0.5)], seed);
    }

    // of each group's units the first say yes; every other group is treated
    private static (DataSet Units, bool[] Treated) Groups((double X, int Count, int Yes)[] groups, bool[]? treated = null)
    {
        var rows = groups.SelectMany((g, at) => Enumerable.Range(0, g.Count).Select(i => (g.X, Y: i < g.Yes ? 1.0 : 0, Treated: treated?[at] ?? at % 2 == 1))).ToArray();
        return (new([new("x", ColumnKind.Number, [])], [[.. rows.Select(r => r.X)]], [.. rows.Select(r => r.Y)]), [.. rows.Select(r => r.Treated)]);
    }

    private sealed class FirstColumn(double low, double high) : IPredictor
    {
        public int Outputs => 1;

        public double Predict(ReadOnlySpan<double> row) => row[0] == 0 ? low : high;

        public void Predict(ReadOnlySpan<double> row, Span<double> outputs) => outputs[0] = Predict(row);
    }
}

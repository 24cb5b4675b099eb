using Looper.Core.Causal;
using Looper.Testing;

namespace Looper.Core.Tests.Causal;

/// <summary>How well units are ranked where few say yes and effects differ by a few percent (<see cref="WeakResponses"/>).</summary>
public class WeakEffectsTests(ITestOutputHelper output)
{
    [Fact] // the covariates of an e-mail experiment, none of its outcomes; a push learns from 4,000 units without the Bayesian forest
    public void Units_are_ranked_by_effects_of_a_few_percent()
    {
        var (units, plan) = (HteData.Hillstrom("Womens E-Mail", "recency", "train").Units, Sizes.IsLong ? new EffectPlan() : new EffectPlan { MostBayesian = 0, Trees = 50 });
        var (learned, draws) = Sizes.IsLong ? (units.Rows * 2 / 3, 6) : (4_000, 1);
        var mean = 0.0;
        for (var draw = 0; draw < draws; draw++)
        {
            var weak = WeakResponses.Make(units, 0.03, 300 + draw);
            var arms = weak.Arms.Take([.. Enumerable.Range(0, learned)], 5);
            int[] others = [.. Enumerable.Range(learned, units.Rows - learned)];
            double[] truth = [.. others.Select(i => weak.Effects[i])];
            var effects = weak.Arms.Units.Take(others).Predictions(EffectModels.Fit(arms, Nuisances.Of(arms, plan), plan, false).Model);
            var share = Uplift.OfScores(effects, truth).Qini / Uplift.OfScores(truth, truth).Qini;
            output.WriteLine($"draw {draw}: {share:F3} of the best ranking's Qini, error {HteData.RootMeanSquare(effects, truth):F4} where effects spread by {HteData.Deviation(truth):F4}");
            mean += share / draws;
        }
        Assert.True(mean >= 0.5, $"{mean:F3}");
    }

    [Fact] // as they are said to be
    public void The_made_up_responses_are_rare_and_their_effects_weak()
    {
        var units = HteData.Hillstrom("Womens E-Mail", "recency", "train").Units;
        for (var seed = 0; seed < 6; seed++)
        {
            var weak = WeakResponses.Make(units, 0.02, seed);
            Assert.Equal(0.10, weak.Control.Average(), 0.002);
            Assert.Equal(0.045, weak.Effects.Average(), 0.002);
            Assert.InRange(HteData.Deviation(weak.Effects), 0.01, 0.04);
            Assert.All(weak.Control, p => Assert.InRange(p, 0.005, 0.95));
        }
    }
}

using Looper.Core.Learning.Bandits;
using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Tests.Learning.Bandits;

public class ChanceTests
{
    [Fact] // against 4,001 points of Simpson's rule, deviations up to 20 times apart
    public void Chances_of_being_best_equal_the_exact_integral()
    {
        var random = new Philox(11);
        for (var trial = 0; trial < 40; trial++)
        {
            var n = 2 + trial % 6;
            double[] means = [.. Enumerable.Range(0, n).Select(_ => random.Normal())];
            double[] deviations = [.. Enumerable.Range(0, n).Select(_ => 0.1 * Math.Pow(20, random.Uniform()))];
            var (expected, chances) = (BestArm.Probabilities(means, deviations), new double[n]);
            BestChance.Write(means, deviations, chances);
            Assert.Equal(1, chances.Sum(), 1e-12);
            for (var a = 0; a < n; a++) Assert.Equal(expected[a], chances[a], 1e-6);
        }
    }

    [Fact] // the last value below 8 rounds up to the end of the table
    public void Surely_worse_options_have_no_chance()
    {
        var chances = new double[3];
        BestChance.Write([Math.BitDecrement(8.0), 0, -20], [1, 1, 1], chances);
        Assert.Equal(1, chances[0], 1e-7);
        Assert.Equal(0, chances[2]);
        BestChance.Write([Math.BitDecrement(8.0) * Math.Sqrt(2), 0], [1, 1], chances.AsSpan(0, 2));
        Assert.Equal(1, chances[0], 1e-12);
    }

    [Fact] // two rates: Miller 2014, exactly
    public void Chances_of_the_highest_rate_equal_the_exact_sum()
    {
        foreach (var (s, n, s2, n2) in ((double, double, double, double)[])[(0, 0, 0, 0), (3, 10, 5, 12), (40, 1_000, 55, 1_000), (0, 20, 2, 400), (990, 1_000, 20, 20)])
            Assert.Equal(BetaBinomial.Exceeds(s + 1, n - s + 1, s2 + 1, n2 - s2 + 1), BetaChance.Of([s, s2], [n, n2])[1], 1e-4);
    }

    [Fact] // three options, gaps 0, 0.1 and 0.4, γ = 10: 1/(3 + 1), 1/(3 + 4), the rest
    public void Inverse_gaps_are_those_of_the_paper()
    {
        var chances = new double[3];
        ExplorationRules.InverseGap([0.2, 0.6, 0.5], 10, chances);
        Assert.Equal(1.0 / 7, chances[0], 1e-12);
        Assert.Equal(1.0 / 4, chances[2], 1e-12);
        Assert.Equal(1 - 1.0 / 7 - 1.0 / 4, chances[1], 1e-12);
    }

    [Fact] // equal bounds share: nobody gets everything for coming first
    public void Equal_bounds_share()
    {
        var chances = new double[3];
        ExplorationRules.UpperBound([0.15, 0.1, 0.1], [0.1, 0.3, 0.3], 0.5, chances);
        Assert.Equal([0.0, 0.5, 0.5], chances);
    }

    [Fact] // (XᵀX + λI)⁻¹ Xᵀr by hand: one row x = (1, 2), r = 3, λ = 1, centre 1
    public void A_posterior_is_that_of_ridge_regression()
    {
        var statistics = new RidgeStatistics(2);
        statistics.Add([1, 2], 3);
        var posterior = RidgePosterior.Of(statistics, 1, 1);
        Assert.Equal(1 + 2 * 5.0 / 6, posterior.Mean([1, 2]), 1e-12);
        Assert.Equal(Math.Sqrt(5.0 / 6), posterior.Deviation([1, 2], new double[2]), 1e-12);
        Assert.Equal(Math.Sqrt(5), posterior.Deviation([2, -1], new double[2]), 1e-12);
    }
}

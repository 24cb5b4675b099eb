using Looper.Core.Numerics;
using Looper.Core.Statistics;
using Looper.Testing;

namespace Looper.Core.Tests.Statistics;

public class AdaptivePairTests
{
    private static readonly double[] Rates = [0.30, 0.30, 0.36];

    [Fact] // with constant probabilities and a good plug-in, the difference comes close to the plain one
    public void With_a_fair_coin_it_estimates_the_same_difference_as_a_plain_mean()
    {
        var random = new Philox(41);
        var pair = new AdaptivePair();
        Moments a = default, b = default;
        for (var i = 0; i < 20_000; i++)
        {
            var treated = random.Uniform() < 0.5;
            var value = (treated ? 1.3 : 1) + random.Normal();
            if (treated) b = b.With(value);
            else a = a.With(value);
            pair.Add(!treated, treated, value, 0.5, 0.5);
        }

        var plain = MeanDifference.Between(MetricSummary.OfMean(a), MetricSummary.OfMean(b));
        var adaptive = pair.Difference();
        Assert.Equal(plain.Value, adaptive.Value, 0.2 * plain.StandardError);
        Assert.Equal(plain.StandardError, adaptive.StandardError, 0.02 * plain.StandardError);
    }

    [Fact] // three-arm Thompson sampling over 5,000 units with a floor of 5 % an arm
    public void Interval_covers_under_a_bandit_where_the_plain_mean_is_biased()
    {
        int runs = Sizes.IsLong ? 2_000 : 800, best = 0, worst = 0;
        Moments plain = default, weighted = default;
        for (var run = 0; run < runs; run++)
        {
            var (againstWorst, againstBest, plainWorst) = Bandit(new Philox(42, "thompson", run));
            if (Reading.Fixed(againstWorst.Difference(), 0.95).Interval.Contains(Rates[1] - Rates[0])) worst++;
            if (Reading.Fixed(againstBest.Difference(), 0.95).Interval.Contains(Rates[2] - Rates[0])) best++;
            (plain, weighted) = (plain.With(plainWorst.Mean - Rates[1]), weighted.With(againstWorst.Treatment.Value - Rates[1]));
        }

        Draw.InBand(0.95, runs, worst / (double)runs);
        Draw.InBand(0.95, runs, best / (double)runs);
        Assert.True(Z(plain) < -3.3, $"the plain mean is off by {plain.Mean}, {Z(plain)} standard errors");
        Assert.True(Math.Abs(weighted.Mean) < Math.Abs(plain.Mean) / 2, $"the plain mean is off by {plain.Mean}, the weighted one by {weighted.Mean}");

        static double Z(Moments errors) => errors.Mean / Math.Sqrt(errors.Variance / errors.Count);
    }

    [Fact]
    public void Units_that_hardly_could_have_had_the_arm_are_left_out_and_counted()
    {
        var pair = new AdaptivePair();
        pair.Add(true, false, 1, 0.9995, 0.0005);
        pair.Add(true, false, 1, double.NaN, 0.5);
        Assert.Equal(2, pair.LeftOut);
        Assert.Equal(Cause.EmptyArm, pair.Difference().Why);
    }

    [Fact]
    public void An_arm_nobody_had_is_undefined()
    {
        var pair = new AdaptivePair();
        for (var i = 0; i < 100; i++) pair.Add(true, false, i % 2, 0.5, 0.5);
        Assert.Equal(Cause.EmptyArm, pair.Difference().Why);
        Assert.True(double.IsNaN(pair.Difference().Value));
    }

    private static (AdaptivePair Worst, AdaptivePair Best, Moments PlainWorst) Bandit(Philox random)
    {
        AdaptivePair worst = new(), best = new();
        Moments plain = default;
        double[] yes = [1, 1, 1], no = [1, 1, 1], share = [1.0 / 3, 1.0 / 3, 1.0 / 3];
        for (var t = 0; t < 5_000; t++)
        {
            if (t % 100 == 0) share = Thompson(yes, no, random); // the policy is renewed in batches, as in the product
            var u = random.Uniform();
            var arm = u < share[0] ? 0 : u < share[0] + share[1] ? 1 : 2;
            var value = random.Uniform() < Rates[arm] ? 1.0 : 0.0;
            if (value > 0) yes[arm]++;
            else no[arm]++;
            if (arm == 1) plain = plain.With(value);
            worst.Add(arm == 0, arm == 1, value, share[0], share[1]);
            best.Add(arm == 0, arm == 2, value, share[0], share[2]);
        }

        return (worst, best, plain);
    }

    // Chance of being best by 200 draws of normal approximations to the Beta posteriors, then a floor of 5 %.
    private static double[] Thompson(double[] yes, double[] no, Philox random)
    {
        var wins = new double[3];
        for (var draw = 0; draw < 200; draw++)
        {
            var (top, value) = (0, double.NegativeInfinity);
            for (var arm = 0; arm < 3; arm++)
            {
                double n = yes[arm] + no[arm], p = yes[arm] / n, sample = p + Math.Sqrt(p * (1 - p) / (n + 1)) * random.Normal();
                if (sample > value) (top, value) = (arm, sample);
            }

            wins[top]++;
        }

        return [.. wins.Select(w => 0.05 + 0.85 * w / 200)];
    }
}

using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Tests.Statistics.Bars;

/// <summary>One way to make an experiment with a known effect and to estimate it.</summary>
/// <param name="Name">Method and data, as the table of figures shows it.</param>
/// <param name="Effect">The true effect when there is one.</param>
/// <param name="Run">The estimate of one simulated experiment with this effect.</param>
public sealed record Scenario(string Name, double Effect, Func<Philox, double, Effect> Run)
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("mean: normal, 200 units an arm", 0.3, Mean),
        new("conversion: 2%, 2,000 units an arm", 0.01, Rate),
        new("ratio: orders and revenue, 200 units an arm", 0.4, RatioOfTotals),
        new("quantile: median of clustered events, 150 units an arm", 0.5, (r, e) => QuantileOf(r, e, 0.5)),
        new("quantile: p90 of clustered events, 150 units an arm", 0.5, (r, e) => QuantileOf(r, e, 0.9)),
        new("CUPED: correlation 0.7, 150 units an arm", 0.25, Adjusted),
        new("post-strata: four strata, 200 units an arm", 0.3, Stratified),
        new("cluster: CR2, 12 unequal clusters an arm", 0.5, Clustered),
        new("skewed revenue: 30% buy, log-normal, 2,000 units an arm", 0.2, Revenue),
        new("bandit-collected: Thompson in batches, 3,000 units", 0.06, Bandit),
    ];

    private static Effect Mean(Philox random, double effect)
    {
        Moments a = default, b = default;
        for (var i = 0; i < 200; i++) (a, b) = (a.With(random.Normal()), b.With(effect + random.Normal()));
        return MeanDifference.Between(MetricSummary.OfMean(a), MetricSummary.OfMean(b));
    }

    private static Effect Rate(Philox random, double effect)
    {
        double a = 0, b = 0;
        for (var i = 0; i < 2_000; i++)
        {
            if (random.Uniform() < 0.02) a++;
            if (random.Uniform() < 0.02 + effect) b++;
        }

        return MeanDifference.Between(MetricSummary.OfConversion(Moments.OfConversions(2_000, a)), MetricSummary.OfConversion(Moments.OfConversions(2_000, b)));
    }

    // A unit's taste moves all of its orders, so orders are not independent: only the unit is.
    private static Effect RatioOfTotals(Philox random, double effect)
    {
        JointMoments a = new(2), b = new(2);
        for (var i = 0; i < 400; i++)
        {
            var orders = 1 + random.PoissonCount(2);
            var taste = 5 + random.Normal() + (i % 2 == 1 ? effect : 0);
            (i % 2 == 0 ? a : b).Add([orders * taste + random.Normal(), orders]);
        }

        return MeanDifference.Between(Ratio.Of(a), Ratio.Of(b));
    }

    private static Effect QuantileOf(Philox random, double effect, double level) =>
        MeanDifference.Between(Events(random, 0, level), Events(random, effect, level));

    private static MetricSummary Events(Philox random, double shift, double level)
    {
        var values = new List<double>();
        var units = new List<(int From, int Count)>();
        for (var unit = 0; unit < 150; unit++)
        {
            var mean = shift + random.Normal();
            var count = 1 + random.Below(6);
            units.Add((values.Count, count));
            for (var i = 0; i < count; i++) values.Add(mean + random.Normal());
        }

        double[] sorted = [.. values];
        Array.Sort(sorted);
        var plain = Quantile.Of(sorted, level);
        var counts = new JointMoments(2);
        foreach (var (from, count) in units)
        {
            var below = 0;
            for (var i = from; i < from + count; i++)
                if (values[i] <= plain.Value) below++;
            counts.Add([below, count]);
        }

        return Quantile.Clustered(plain, level, counts);
    }

    private static Effect Adjusted(Philox random, double effect)
    {
        JointMoments a = new(2), b = new(2);
        for (var i = 0; i < 300; i++)
        {
            var x = random.Normal();
            var y = 0.7 * x + Math.Sqrt(1 - 0.49) * random.Normal() + (i % 2 == 1 ? effect : 0);
            (i % 2 == 0 ? a : b).Add([y, x]);
        }

        return Cuped.Between(a, b).Absolute;
    }

    private static Effect Stratified(Philox random, double effect)
    {
        var strata = new Stratum[4];
        for (var i = 0; i < 400; i++)
        {
            var k = random.Below(4);
            var y = k + random.Normal() + (i % 2 == 1 ? effect : 0);
            strata[k] = i % 2 == 0 ? strata[k] with { Control = strata[k].Control.With(y) } : strata[k] with { Treatment = strata[k].Treatment.With(y) };
        }

        return PostStratification.Between(strata, isConversion: false).Absolute;
    }

    private static Effect Clustered(Philox random, double effect)
    {
        var arms = new[] { new Cluster[12], new Cluster[12] };
        for (var g = 0; g < 24; g++)
        {
            double level = random.Normal() + (g % 2 == 1 ? effect : 0), sum = 0;
            var size = 5 + random.Below(30);
            for (var i = 0; i < size; i++) sum += level + random.Normal();
            arms[g % 2][g / 2] = new(size, sum);
        }

        return ClusterDifference.Between(arms[0], arms[1]);
    }

    // Mean 0.3·e^(σ²/2), σ = 1: the effect is on what a buyer spends.
    private static Effect Revenue(Philox random, double effect)
    {
        Moments a = default, b = default;
        var lift = 1 + effect / (0.3 * Math.Exp(0.5));
        for (var i = 0; i < 2_000; i++)
        {
            a = a.With(random.Uniform() < 0.3 ? Math.Exp(random.Normal()) : 0);
            b = b.With(random.Uniform() < 0.3 ? lift * Math.Exp(random.Normal()) : 0);
        }

        return MeanDifference.Between(MetricSummary.OfMean(a), MetricSummary.OfMean(b));
    }

    private static Effect Bandit(Philox random, double effect)
    {
        var pair = new AdaptivePair();
        double yesA = 1, noA = 1, yesB = 1, noB = 1, share = 0.5;
        for (var t = 0; t < 3_000; t++)
        {
            if (t % 100 == 0)
            {
                // The chance that treatment is best, from two normal posteriors, kept 10 % away from certainty.
                double nA = yesA + noA, nB = yesB + noB, pA = yesA / nA, pB = yesB / nB;
                share = 0.1 + 0.8 * (1 - TailProbability.Normal((pB - pA) / Math.Sqrt(pA * (1 - pA) / (nA + 1) + pB * (1 - pB) / (nB + 1))));
            }

            var treated = random.Uniform() < share;
            var yes = random.Uniform() < 0.3 + (treated ? effect : 0);
            if (treated) (yesB, noB) = (yesB + (yes ? 1 : 0), noB + (yes ? 0 : 1));
            else (yesA, noA) = (yesA + (yes ? 1 : 0), noA + (yes ? 0 : 1));
            pair.Add(!treated, treated, yes ? 1 : 0, 1 - share, share);
        }

        return pair.Difference();
    }
}

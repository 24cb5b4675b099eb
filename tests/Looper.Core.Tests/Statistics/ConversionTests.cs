using Looper.Core.Statistics;

namespace Looper.Core.Tests.Statistics;

public class ConversionTests
{
    private static readonly double[] Rates = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5];

    [Theory] // statistics.md, bar A: least and mean coverage by exact enumeration
    [InlineData(20, 0.9454, 0.9724)]
    [InlineData(50, 0.9431, 0.9647)]
    public void Newcombe_covers_small_arms_as_enumerated(int n, double least, double mean)
    {
        var holds = new Interval[n + 1, n + 1];
        for (var x = 0; x <= n; x++)
            for (var y = 0; y <= n; y++)
                holds[x, y] = Conversion.Newcombe(n, x, n, y, 0.95);
        var coverage = new List<double>();
        foreach (var pa in Rates)
            foreach (var pb in Rates)
            {
                var covered = 0.0;
                for (var x = 0; x <= n; x++)
                    for (var y = 0; y <= n; y++)
                        if (holds[x, y].Contains(pb - pa))
                            covered += Binomial(n, x, pa) * Binomial(n, y, pb);
                coverage.Add(covered);
            }

        Assert.Equal(least, coverage.Min(), 1e-4);
        Assert.Equal(mean, coverage.Average(), 1e-4);
    }

    [Fact]
    public void Exact_chance_to_win_is_the_same_by_sum_and_by_integral()
    {
        double bySum = BetaBinomial.Exceeds(41, 961, 60, 950), byIntegral = BetaBinomial.Exceeds(41, 961, 60 + 1e-9, 950);
        Assert.Equal(bySum, byIntegral, 1e-7);
    }

    [Fact] // symmetry: with equal posteriors neither wins
    public void Equal_arms_win_half_the_time()
    {
        var equal = BetaBinomial.Compare(100, 10, 100, 10);
        Assert.Equal(0.5, equal.ChanceToWin, 1e-12);
        Assert.Equal(equal.LossOfControl, equal.LossOfTreatment, 1e-12);
    }

    private static double Binomial(int n, int k, double p) => MathNet.Numerics.Distributions.Binomial.PMF(p, n, k);
}

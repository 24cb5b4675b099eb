using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Tests.Statistics;

public sealed class PopulationStabilityTests
{
    [Fact] // by hand: p = (80.5, 20.5)/101, q = (50.5, 50.5)/101; (p₁ − ½)·ln(p₁/½) + (p₂ − ½)·ln(p₂/½)
    public void Two_bins_equal_the_closed_form()
    {
        double p = 80.5 / 101, q = 20.5 / 101;
        Assert.Equal((p - 0.5) * Math.Log(p / 0.5) + (q - 0.5) * Math.Log(q / 0.5), PopulationStability.Of([50, 50], [80, 20]).Index, tolerance: 1e-12);
    }

    [Fact] // python3: p=[20.5/101.5,30.5/101.5,50.5/101.5]; q=[60.5/201.5,80.5/201.5,60.5/201.5]; sum((a-b)*log(a/b))
    public void Three_bins_equal_numbers_from_elsewhere() => Assert.Equal(0.16680706722673566, PopulationStability.Of([60, 80, 60], [20, 30, 50]).Index, tolerance: 1e-12);

    [Fact]
    public void A_bin_that_neither_side_uses_counts_for_nothing() => Assert.Equal(PopulationStability.Of([60, 80], [20, 30]), PopulationStability.Of([60, 0, 80], [20, 0, 30]));

    [Fact]
    public void Without_counts_it_is_undefined() => Assert.True(double.IsNaN(PopulationStability.Of([0, 0], [1, 2]).Index));

    [Theory, InlineData(200), InlineData(2_000), InlineData(20_000)] // simulation: below 0.05 in 5 % of 1,000 looks, ± 3.3 standard errors
    public void When_nothing_moves_small_p_values_are_as_rare_as_they_say(int n)
    {
        var random = new Philox(7, "psi", n);
        var small = Enumerable.Range(0, 1_000).Count(_ => PopulationStability.Of(Counts(random, n), Counts(random, n)).PValue < 0.05);
        Assert.InRange(small / 1_000.0, 0.027, 0.073);
    }

    /// <summary>A multinomial draw over ten equal bins: binomials one after another, by their normal limit.</summary>
    private static long[] Counts(Philox random, int n)
    {
        var (counts, left) = (new long[10], (long)n);
        for (var b = 0; b < 9; b++)
        {
            var share = 1.0 / (10 - b);
            counts[b] = Math.Clamp((long)Math.Round(left * share + Math.Sqrt(left * share * (1 - share)) * random.Normal()), 0, left);
            left -= counts[b];
        }
        counts[9] = left;
        return counts;
    }
}

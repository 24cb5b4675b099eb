using Looper.Core.OffPolicy;

namespace Looper.Core.Tests.OffPolicy;

/// <summary>Values of rankings against enumeration: every ranking of two of three items, as often as its chance says, so that a mean over rows is an
/// expectation.</summary>
public class RankingEstimatorsTests
{
    private static readonly double[] s_first = [0.2, 0.5, 0.3];
    private static readonly (int First, int Second)[] s_rankings = [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)];
    private static readonly int[] s_uneven = [6, 6, 4, 2, 4, 2], s_even = [1, 1, 1, 1, 1, 1];

    private static double Own(int place, int item) => (place == 0 ? 0.5 : 0.3) * (item + 1);
    private static double[] Independent((int First, int Second) r) => [Own(0, r.First), Own(1, r.Second)];

    /// <summary>Reading from the top: after the item before it in the circle, an item earns little.</summary>
    private static double[] Cascade((int First, int Second) r) => [Own(0, r.First), Own(1, r.Second) * (r.Second == (r.First + 1) % 3 ? 0.4 : 1)];

    /// <summary>The second item changes what the first one earns.</summary>
    private static double[] Page((int First, int Second) r) => [Own(0, r.First) * (1 - 0.3 * r.Second), Own(1, r.Second)];

    private static double Wanted((int First, int Second) r) => s_first[r.First] * Second(r);

    /// <summary>After each first item, the next in a circle two times in three.</summary>
    private static double Second((int First, int Second) r) => r.Second == (r.First + 1) % 3 ? 2.0 / 3 : 1.0 / 3;

    private static double Truth(Func<(int, int), double[]> rewards) => s_rankings.Sum(r => Wanted(r) * rewards(r).Sum());

    private static double At(int place, int item, Func<(int First, int Second), double> chance) =>
        s_rankings.Where(r => (place == 0 ? r.First : r.Second) == item).Sum(chance);

    /// <param name="marginal">Chances whatever stands above, instead of given the item above.</param>
    private static LoggedRankings Log(int[] times, Func<(int, int), double[]> rewards, bool marginal)
    {
        double Logged((int, int) r) => times[Array.IndexOf(s_rankings, r)] / (double)times.Sum();
        var (starts, weights, earned) = (new List<int> { 0 }, new List<double>(), new List<double>());
        foreach (var (ranking, count) in s_rankings.Zip(times))
        {
            var (first, second) = ranking;
            var top = s_first[first] / At(0, first, Logged);
            for (var k = 0; k < count; k++)
            {
                weights.AddRange([top, marginal ? At(1, second, Wanted) / At(1, second, Logged) : Second(ranking) / (Logged(ranking) / At(0, first, Logged))]);
                earned.AddRange(rewards(ranking));
                starts.Add(weights.Count);
            }
        }
        return new([.. starts], [.. weights], [.. earned], []);
    }

    [Fact]
    public void Where_places_earn_alone_all_are_unbiased()
    {
        var truth = Truth(Independent);
        Assert.Equal(truth, RankingEstimators.Ips(Log(s_uneven, Independent, false)).Value, 1e-12);
        Assert.Equal(truth, RankingEstimators.Independent(Log(s_uneven, Independent, true)).Value, 1e-12);
        Assert.Equal(truth, RankingEstimators.Interacting(Log(s_uneven, Independent, false)).Value, 1e-12);
        Assert.Equal(truth, Uniform(Independent), 1e-12);
    }

    [Fact]
    public void Where_the_list_is_read_from_the_top_independent_places_are_biased_and_interacting_ones_are_not()
    {
        var truth = Truth(Cascade);
        Assert.Equal(truth, RankingEstimators.Ips(Log(s_uneven, Cascade, false)).Value, 1e-12);
        Assert.Equal(truth, RankingEstimators.Interacting(Log(s_uneven, Cascade, false)).Value, 1e-12);
        Assert.True(Math.Abs(truth - RankingEstimators.Independent(Log(s_uneven, Cascade, true)).Value) > 0.01);
        Assert.True(Math.Abs(truth - Uniform(Cascade)) > 0.01);
    }

    [Fact]
    public void Where_the_whole_page_counts_only_whole_rankings_are_unbiased()
    {
        var truth = Truth(Page);
        Assert.Equal(truth, RankingEstimators.Ips(Log(s_uneven, Page, false)).Value, 1e-12);
        Assert.True(Math.Abs(truth - RankingEstimators.Interacting(Log(s_uneven, Page, false)).Value) > 0.01);
        Assert.True(Math.Abs(truth - RankingEstimators.Independent(Log(s_uneven, Page, true)).Value) > 0.01);
    }

    [Fact] // two places with three items each, drawn alone, repetitions allowed; the page's reward is a sum, or not
    public void The_pseudo_inverse_of_independent_places_is_unbiased_for_sums_and_biased_for_products()
    {
        int[] times = [2, 1, 1];
        double[] second = [0.1, 0.1, 0.8];
        (double Truth, double Estimate) With(Func<int, int, double> page)
        {
            var (starts, weights, rewards, truth) = (new List<int> { 0 }, new List<double>(), new List<double>(), 0.0);
            for (var a = 0; a < 3; a++)
            {
                for (var b = 0; b < 3; b++)
                {
                    truth += s_first[a] * second[b] * page(a, b);
                    for (var k = 0; k < times[a] * times[b]; k++)
                    {
                        weights.AddRange([s_first[a] / (times[a] / 4.0), second[b] / (times[b] / 4.0)]);
                        rewards.AddRange([0, page(a, b)]); // of the page: at any place
                        starts.Add(weights.Count);
                    }
                }
            }
            return (truth, RankingEstimators.PseudoInverse(new([.. starts], [.. weights], [.. rewards], [])).Value);
        }
        var sum = With((a, b) => Own(0, a) + Own(1, b));
        Assert.Equal(sum.Truth, sum.Estimate, 1e-12);
        var product = With((a, b) => a * b);
        Assert.True(Math.Abs(product.Truth - product.Estimate) > 0.01);
    }

    [Fact]
    public void The_pseudo_inverse_of_uniform_rankings_keeps_every_chance_of_item_and_place()
    {
        for (var place = 0; place < 2; place++)
        {
            for (var item = 0; item < 3; item++)
            {
                var (p, a) = (place, item);
                Assert.Equal(At(p, a, Wanted), s_rankings.Where(r => (p == 0 ? r.First : r.Second) == a).Sum(Weight) / 6, 1e-12);
            }
        }
        // three places for three items: the last place leaves no choice
        Assert.Equal(1 + 3 * (2 / 3.0) * (3 * 0.5 - 1), RankingEstimators.PseudoInverseOfUniform([0.5, 0.25, 0.25, 0.25, 0.5, 0.25, 0.25, 0.25, 0.5], 3, 3), 1e-12);
        Assert.Throws<ArgumentException>(() => RankingEstimators.PseudoInverseOfUniform([1], 2, 3));
    }

    [Fact]
    public void Rankings_of_one_unit_are_not_independent()
    {
        var log = Log(s_even, Independent, true);
        var (apart, together) = (RankingEstimators.Independent(log), RankingEstimators.Independent(log with { Units = [0, 0, 1, 1, 2, 2] }));
        Assert.Equal(apart.Value, together.Value, 1e-12);
        Assert.NotEqual(apart.StandardError, together.StandardError);
    }

    private static double Weight((int First, int Second) r) => RankingEstimators.PseudoInverseOfUniform(
        [At(0, r.First, Wanted), At(0, r.Second, Wanted), At(1, r.First, Wanted), At(1, r.Second, Wanted)], 2, 3);

    private static double Uniform(Func<(int, int), double[]> rewards) => s_rankings.Sum(r => Weight(r) * rewards(r).Sum()) / 6;
}

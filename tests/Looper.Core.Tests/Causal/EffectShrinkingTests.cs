using Looper.Core.Causal;

namespace Looper.Core.Tests.Causal;

/// <summary>By hand. Where nothing else is said the constant effect is 0, so that the distance from it is the learner's product and what is left is y.</summary>
public class EffectShrinkingTests
{
    private static readonly double[] s_none = [0, 0, 0, 0], s_ones = [1, 1, 1, 1];

    [Fact] // Σdr = 6, Σd² = 4: slope 1.5, at most 1. Σ(dr)² − 6²/4 = 10 − 9 = 1, so 1/z² = 1/36
    public void A_slope_above_one_counts_as_one_and_noise_takes_its_share() => Equal([35 / 36.0, 1 / 36.0], Shrunk([1, 2, 1, 2], [s_ones, s_none], [1, 0]));

    [Fact] // half of those: slope 0.75, and the same z
    public void Below_one_it_is_kept_times_the_slope() => Equal([0.75 * 35 / 36, 1 - 0.75 * 35 / 36], Shrunk([0.5, 1, 0.5, 1], [s_ones, s_none], [1, 0]));

    [Fact] // all of it is the slope: Σ(dr)² − (Σdr)²/n = 0
    public void Without_noise_the_slope_alone_is_kept() => Equal([0.4, 0.6], Shrunk([0.4, 0.4, 0.4, 0.4], [s_ones, s_none], [1, 0]));

    [Fact] // Σdr = 2, Σ(dr)² − 2²/4 = 10 − 1 = 9 > 2²
    public void Of_a_slope_within_its_standard_error_nothing_is_kept() => Equal([0, 1], Shrunk([2, -1, 2, -1], [s_ones, s_none], [1, 0]));

    [Theory, InlineData(-1), InlineData(0)]
    public void Of_a_slope_at_or_below_zero_nothing_is_kept(double left) => Equal([0, 1], Shrunk([left, left, left, left], [s_ones, s_none], [1, 0]));

    [Fact]
    public void Learners_that_say_what_the_constant_says_leave_all_to_it() => Equal([0, 1], Shrunk([1, 2, 1, 2], [s_ones, s_ones], [1, 0]));

    // the first learner is at 4, the second at 0 and the constant at 1: d = 0.5·4 + 0.25·0 + 0.25·1 − 1 = 1.25, r = y − 1 = 0.5 or 1; Σdr = 3.75, Σd² = 6.25, so slope 0.6;
    // Σ(dr)² = 2·(0.625² + 1.25²) = 3.90625, less 3.75²/4 is 0.390625, so 1/z² = 0.390625/14.0625 = 1/36
    [Fact]
    public void The_distance_is_from_the_constant_and_the_learners_shares_stay_as_they_were()
    {
        const double Kept = 0.6 * 35 / 36;
        Equal([0.5 * Kept, 0.25 * Kept, 0.25 * Kept + 1 - Kept], Shrunk([1.5, 2, 1.5, 2], [[4, 4, 4, 4], s_none, s_ones], [0.5, 0.25, 0.25]));
    }

    // weights 1 and 0.5 make of r = 0.5 and 1 the terms 0.5 each: Σ = 2, Σvd² = 3, no noise
    [Fact]
    public void Units_count_by_their_weights() => Equal([2 / 3.0, 1 / 3.0], Shrunk([0.5, 1, 0.5, 1], [s_ones, s_none], [1, 0], [1, 0.5, 1, 0.5]));

    private static double[] Shrunk(double[] left, double[][] products, double[] alpha, double[]? precision = null)
    {
        EffectShrinking.Shrink(left, products, alpha, precision);
        return alpha;
    }

    private static void Equal(double[] expected, double[] actual) => Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) < 1e-12);
}

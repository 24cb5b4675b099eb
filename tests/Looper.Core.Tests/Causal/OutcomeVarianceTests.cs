using Looper.Core.Causal;
using Looper.Core.Learning;

namespace Looper.Core.Tests.Causal;

public class OutcomeVarianceTests
{
    private static readonly double[] s_yesNo = [0, 1, 1, 0];

    [Theory] // by hand: μ(1 − μ)
    [InlineData(0.5, 0.25)]
    [InlineData(0.3, 0.21)]
    [InlineData(0.9, 0.09)]
    public void Of_a_yes_or_no_the_mean_tells_it(double mean, double variance) => Assert.Equal(variance, Of(s_yesNo, mean)!.Value, 1e-12);

    [Theory] // 0.02 · 0.98
    [InlineData(0.02)]
    [InlineData(0.98)]
    [InlineData(0.019)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-0.3)] // estimates may lie outside
    [InlineData(1.3)]
    public void A_mean_near_an_end_or_beyond_it_does_not_say_that_nothing_varies(double mean) => Assert.Equal(0.0196, Of(s_yesNo, mean)!.Value, 1e-12);

    [Fact]
    public void Of_a_mean_that_is_unknown_it_is_unknown() => Assert.Equal(double.NaN, Of(s_yesNo, double.NaN));

    [Theory, InlineData(0.5), InlineData(2), InlineData(-1), InlineData(double.NaN)]
    public void Of_outcomes_that_are_not_all_yes_or_no_it_is_taken_as_the_same_for_all(double other)
    {
        var arms = Arms([0, 1, 1, other]);
        Assert.Null(OutcomeVariance.Of(arms, [0.3, 0.3, 0.3, 0.3]));
        Assert.Null(OutcomeVariance.Weights(arms, Means([0.3, 0.3, 0.3, 0.3], [0.2, 0.2, 0.2, 0.2], [0.5, 0.5, 0.5, 0.5])));
    }

    // by hand: σ₀² = 0.3·0.7, σ₁² = 0.2·0.8, e = 0.25 → 1/(0.75·0.16 + 0.25·0.21) = 1/0.1725; with e = 0.75 → 1/(0.04 + 0.1575) = 1/0.1975;
    // both variances 0.25 → 4 whatever e; μ₀ = 0 counts as 0.02 → 1/(0.5·0.16 + 0.5·0.0196) = 1/0.0898
    [Fact]
    public void A_square_weighs_the_inverse_of_the_variance_that_the_other_arms_share_gives_each_arm() =>
        Assert.Equal([1 / 0.1725, 1 / 0.1975, 4, 1 / 0.0898], OutcomeVariance.Weights(Arms(s_yesNo), Means([0.3, 0.3, 0.5, 0], [0.2, 0.2, 0.5, 0.2], [0.25, 0.75, 0.1, 0.5]))!, (a, b) => Math.Abs(a - b) < 1e-12);

    private static double? Of(double[] outcomes, double mean) => OutcomeVariance.Of(Arms(outcomes), [mean])?[0];

    private static TwoArms Arms(double[] outcomes) => new(new DataSet([], [], outcomes), [false, true, false, true], null, seed: 1, folds: 2);

    private static Nuisances Means(double[] control, double[] treatment, double[] propensity) => new(control, treatment, [0, 0, 0, 0], propensity);
}

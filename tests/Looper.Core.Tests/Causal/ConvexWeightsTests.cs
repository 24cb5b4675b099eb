using Looper.Core.Causal;

namespace Looper.Core.Tests.Causal;

public class ConvexWeightsTests
{
    private static readonly double[] s_first = [1, 0], s_second = [0, 1.5];

    [Fact] // by hand: a² + 2.25(1 − a)² is least where 2a = 4.5(1 − a)
    public void Two_predictors_share_by_the_squares_of_their_errors() => Assert.Equal(4.5 / 6.5, ConvexWeights.Of([0, 0], [s_first, s_second])[0], 1e-12);

    [Fact] // by hand: half of that, and half of 1·a + 2.25(1 − a): 2a − 4.5(1 − a) = 1.25
    public void The_share_apart_leans_to_the_predictor_that_is_better_by_itself() =>
        Assert.Equal(5.75 / 6.5, ConvexWeights.Of([0, 0], [s_first, s_second], null, 0.5)[0], 1e-12);

    [Fact] // by hand: weights 9 and 4 make the errors 3 and 3, apart or not
    public void Rows_count_by_their_weights()
    {
        Assert.Equal(0.5, ConvexWeights.Of([0, 0], [s_first, s_second], [9, 4])[0], 1e-12);
        Assert.Equal(0.5, ConvexWeights.Of([0, 0], [s_first, s_second], [9, 4], 0.5)[0], 1e-12);
    }

    [Fact] // the second is worse everywhere; only its errors cancel those of the first
    public void A_predictor_that_is_bad_by_itself_is_not_taken_for_what_its_errors_cancel()
    {
        double[] good = [1, -1, 1, -1], bad = [-6, 6, -6, 5];
        Assert.True(ConvexWeights.Of(new double[4], [good, bad])[1] > 0.1);
        Assert.Equal(0, ConvexWeights.Of(new double[4], [good, bad], null, 0.5)[1]);
    }
}

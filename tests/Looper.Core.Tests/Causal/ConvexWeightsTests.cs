using Looper.Core.Causal;

namespace Looper.Core.Tests.Causal;

public class ConvexWeightsTests
{
    private static readonly double[] s_first = [1, 0], s_second = [0, 1.5];

    [Fact] // by hand: a² + 2.25(1 − a)² is least where 2a = 4.5(1 − a)
    public void Two_predictors_share_by_the_squares_of_their_errors() => Assert.Equal(4.5 / 6.5, ConvexWeights.Of([0, 0], [s_first, s_second])[0], 1e-12);

    [Fact] // by hand: weights 9 and 4 make the errors 3 and 3
    public void Rows_count_by_their_weights() => Assert.Equal(0.5, ConvexWeights.Of([0, 0], [s_first, s_second], [9, 4])[0], 1e-12);
}

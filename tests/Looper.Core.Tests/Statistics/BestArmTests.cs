using Looper.Core.Statistics;

namespace Looper.Core.Tests.Statistics;

public class BestArmTests
{
    [Theory, InlineData(0, 1, 0, 1), InlineData(0, 1, 0.5, 0.2), InlineData(3, 0.05, 1, 5), InlineData(0.1, 0.004, 0.12, 0.005)]
    public void Two_arms_have_a_closed_form(double m0, double s0, double m1, double s1)
    {
        var expected = 1 - TailProbability.Normal((m1 - m0) / Math.Sqrt(s0 * s0 + s1 * s1)); // Φ of the standardised difference
        Assert.Equal(expected, BestArm.Probabilities([m0, m1], [s0, s1])[1], 1e-6);
    }

    [Fact] // simulation: 100,000 draws, four standard errors
    public void Three_arms_as_drawing_says()
    {
        var best = BestArm.Probabilities([0.10, 0.13, 0.12], [0.010, 0.012, 0.010]);
        Assert.Equal(1, best.Sum(), 1e-12);
        Assert.Equal([Drawn(0), Drawn(1), Drawn(2)], best, (a, b) => Math.Abs(a - b) < 0.006);
        static double Drawn(int arm)
        {
            var random = new Core.Numerics.Philox(seed: 1);
            var wins = 0;
            for (var i = 0; i < 100_000; i++)
            {
                double a = 0.10 + 0.010 * random.Normal(), b = 0.13 + 0.012 * random.Normal(), c = 0.12 + 0.010 * random.Normal();
                if ((arm == 0 && a > b && a > c) || (arm == 1 && b > a && b > c) || (arm == 2 && c > a && c > b)) wins++;
            }

            return wins / 100_000.0;
        }
    }

    [Fact]
    public void Equal_arms_are_equally_likely_and_a_certain_winner_wins()
    {
        Assert.All(BestArm.Probabilities([1, 1, 1, 1], [0.3, 0.3, 0.3, 0.3]), p => Assert.Equal(0.25, p, 1e-9));
        Assert.Equal(1, BestArm.Probabilities([0, 50], [1, 1])[1], 1e-12);
        Assert.Equal([1.0], BestArm.Probabilities([3], [1]));
    }

    [Theory, InlineData(double.NaN, 1), InlineData(0, 0), InlineData(0, double.PositiveInfinity)]
    public void What_is_not_known_is_refused(double mean, double error) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BestArm.Probabilities([0, mean], [1, error]));
}

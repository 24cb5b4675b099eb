using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Tests.Statistics;

public class InteractionTests
{
    [Fact] // by hand: means 1, 2, 3, 7 with variances 1, 2, 3, 4 over 10 units each
    public void Difference_of_differences_adds_the_variances_of_four_cells()
    {
        var effect = Interaction.Between(Cell(1, 1), Cell(2, 2), Cell(3, 3), Cell(7, 4));
        Assert.Equal(7 - 2 - 3 + 1, effect.Value, 1e-12);
        Assert.Equal(Math.Sqrt(1.0), effect.StandardError, 1e-12);
        Assert.Equal(1.0 / ((0.01 + 0.04 + 0.09 + 0.16) / 9), effect.DegreesOfFreedom, 1e-9);
    }

    [Fact]
    public void An_empty_cell_leaves_it_undefined() =>
        Assert.Equal(Cause.EmptyArm, Interaction.Between(Cell(1, 1), MetricSummary.Undefined(0, Cause.EmptyArm), Cell(1, 1), Cell(1, 1)).Why);

    [Fact]
    public void Interval_covers_a_true_interaction()
    {
        var covered = 0;
        for (var run = 0; run < 1_000; run++)
        {
            var random = new Philox(31, "interaction", run);
            var cells = new Moments[4];
            for (var i = 0; i < 800; i++)
            {
                int a = i & 1, b = i >> 1 & 1;
                cells[a + 2 * b] = cells[a + 2 * b].With(0.5 * a + 0.2 * b + 0.4 * a * b + random.Normal());
            }

            var effect = Interaction.Between(
                MetricSummary.OfMean(cells[0]), MetricSummary.OfMean(cells[1]), MetricSummary.OfMean(cells[2]), MetricSummary.OfMean(cells[3]));
            if (Reading.Fixed(effect, 0.95).Interval.Contains(0.4)) covered++;
        }

        Draw.InBand(0.95, 1_000, covered / 1_000.0);
    }

    [Fact] // Agresti, Categorical Data Analysis (2002), table 3.2: party by gender, X² = 30.1 with 2 degrees of freedom
    public void Dependent_assignments_are_found() =>
        Assert.Equal(TailProbability.ChiSquared(30.07, 2), Interaction.IndependenceP([762, 327, 468, 484, 239, 477], 3), 1e-9);

    [Fact]
    public void Independent_assignments_and_nobody_at_all_are_no_alarm()
    {
        Assert.Equal(1, Interaction.IndependenceP([100, 100, 300, 300], 2), 1e-12);
        Assert.Equal(1, Interaction.IndependenceP([0, 0, 0, 0], 2));
        Assert.Equal(1, Interaction.IndependenceP([10, 20, 0, 0], 2));
    }

    private static MetricSummary Cell(double mean, double variance) => new(10, mean, variance);
}

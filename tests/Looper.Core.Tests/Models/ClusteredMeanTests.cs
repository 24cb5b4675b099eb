using Looper.Core.Models;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Models;

public sealed class ClusteredMeanTests
{
    [Fact] // reference: t interval of 1, 2, 3, 4, 5: mean 3, s/√n = 0.7071068, t(4, 0.975) = 2.7764451
    public void One_row_a_unit_is_the_ordinary_t_interval()
    {
        var mean = ClusteredMean.Of([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]);
        Assert.Equal(3, mean.Mean, tolerance: 1e-12);
        Assert.Equal(3 - 1.9632432, mean.Low, tolerance: 1e-6);
        Assert.Equal(3 + 1.9632432, mean.High, tolerance: 1e-6);
    }

    [Fact] // identity: a unit's row repeated four times says nothing new
    public void Repeating_every_unit_does_not_narrow_the_interval()
    {
        double[] values = [1, 4, 2, 8, 5, 7];
        ulong[] units = [1, 2, 3, 4, 5, 6];
        var once = ClusteredMean.Of(values, units);
        var often = ClusteredMean.Of(Repeat(values), Repeat(units));
        Assert.Equal(once.Mean, often.Mean, tolerance: 1e-12);
        Assert.Equal(once.Low, often.Low, tolerance: 1e-12);
        Assert.Equal(6, often.Units);
    }

    [Fact] // simulation: 0.95 ± 3.3·√(0.95·0.05/1000) allows 0.927 to 0.973
    public void Interval_covers_the_truth_as_often_as_it_says_when_rows_of_a_unit_are_alike()
    {
        var covered = 0;
        for (var trial = 0; trial < 1_000; trial++)
        {
            var random = new Philox(seed: 5, "cover", trial);
            var (values, units) = (new double[240], new ulong[240]);
            for (var unit = 0; unit < 60; unit++)
            {
                var own = random.Normal();
                for (var row = 0; row < 4; row++) (values[unit * 4 + row], units[unit * 4 + row]) = (1 + own + 0.3 * random.Normal(), (ulong)unit);
            }
            var mean = ClusteredMean.Of(values, units);
            if (mean.Low <= 1 && 1 <= mean.High) covered++;
        }
        Assert.InRange(covered / 1_000.0, 0.927, 0.973);
    }

    [Theory, InlineData(0), InlineData(1)]
    public void Interval_is_undefined_below_two_units(int rows)
    {
        var mean = ClusteredMean.Of(new double[rows], new ulong[rows]);
        Assert.True(double.IsNaN(mean.Low) && double.IsNaN(mean.High));
    }

    private static T[] Repeat<T>(T[] items) => [.. items.SelectMany(i => Enumerable.Repeat(i, 4))];
}

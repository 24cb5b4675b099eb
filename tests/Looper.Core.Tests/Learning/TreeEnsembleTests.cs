using Looper.Core.Learning;
using Looper.Testing;

namespace Looper.Core.Tests.Learning;

public class TreeEnsembleTests
{
    [Theory, InlineData(Objective.Binary, 31), InlineData(Objective.Squared, 63), InlineData(Objective.Multiclass, 15)]
    public void Fast_scores_equal_the_plain_walk_to_the_last_bit(Objective objective, int leaves)
    {
        var data = objective == Objective.Multiclass
            ? Simulated.Of(2_000, 8, 3, 0.1, (signal, _) => signal < -1 ? 0 : signal < 1 ? 1 : 2)
            : objective == Objective.Binary ? Simulated.Binary(2_000) : Simulated.Value(2_000);
        var ensemble = Simulated.Boost(data, new() { Objective = objective, Rounds = 37, Leaves = leaves, Threads = 1 });
        double[] row = new double[8], fast = new double[ensemble.Outputs], plain = new double[ensemble.Outputs];
        for (var i = 0; i < data.Rows; i++)
        {
            data.CopyRow(i, row);
            if (i % 7 == 0) row[3] = 99; // a code never seen
            if (i % 11 == 0) row[0] = i % 2 == 0 ? double.PositiveInfinity : double.NegativeInfinity;
            if (i % 13 == 0) row[3] = -1;
            ensemble.Scores(row, fast);
            ensemble.PlainScores(row, plain);
            Assert.Equal(plain, fast);
        }
    }

    [Fact]
    public void Predicting_allocates_nothing()
    {
        var data = Simulated.Binary(1_000);
        var ensemble = Simulated.Boost(data, new() { Rounds = 20, Threads = 1 });
        var row = new double[8];
        data.CopyRow(0, row);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 10_000; i++) ensemble.Predict(row);
        }));
    }

    [Fact]
    public void Probabilities_stay_inside_the_open_interval_and_sum_to_one()
    {
        var data = Simulated.Of(2_000, 8, 3, 0.1, (signal, _) => signal < -1 ? 0 : signal < 1 ? 1 : 2);
        var ensemble = Simulated.Boost(data, new() { Objective = Objective.Multiclass, Rounds = 20 });
        double[] row = new double[8], p = new double[3];
        for (var i = 0; i < 200; i++)
        {
            data.CopyRow(i, row);
            ensemble.Predict(row, p);
            Assert.Equal(1, p.Sum(), 1e-6);
            Assert.All(p, x => Assert.InRange(x, 1e-9, 1 - 1e-9));
        }
    }
}

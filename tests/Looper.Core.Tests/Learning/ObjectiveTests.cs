using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

public class ObjectiveTests
{
    [Theory, InlineData(0.1), InlineData(0.5), InlineData(0.9)]
    public void A_predicted_quantile_covers_its_share(double tau)
    {
        var (data, test) = (Simulated.Value(20_000), Simulated.Value(20_000, seed: 2));
        var settings = new LearnerSettings { Objective = Objective.Quantile, Quantile = tau, LearningRate = 0.2, Patience = 20 };
        var predictions = test.Predictions(BoostedFit.Fit(data, settings, 1, null, default).All);
        var share = test.Labels.Zip(predictions).Count(p => p.First <= p.Second) / 20_000.0;
        Assert.InRange(share, tau - 0.02, tau + 0.02);
    }

    [Fact]
    public void Huber_withstands_gross_errors_that_move_the_squared_loss()
    {
        var clean = Simulated.Value(6_000);
        var random = new Philox(9);
        var dirty = new DataSet(clean.Columns, clean.Values, [.. clean.Labels.Select(y => random.Uniform() < 0.05 ? y + 500 : y)]);
        var test = Simulated.Value(6_000, seed: 2);
        double Rmse(Objective objective) =>
            ValueMetrics.Of(test.Labels, test.Predictions(Simulated.Boost(dirty, new() { Objective = objective, Rounds = 100, LearningRate = 0.1 }))).Rmse;
        Assert.True(Rmse(Objective.Huber) < 0.5 * Rmse(Objective.Squared));
    }

    [Fact]
    public void Poisson_predicts_the_mean_count()
    {
        var (data, test) = (Simulated.Count(10_000), Simulated.Count(10_000, seed: 2));
        var predictions = test.Predictions(Simulated.Boost(data, new() { Objective = Objective.Poisson, Rounds = 100, LearningRate = 0.1 }));
        Assert.Equal(test.Labels.Average(), predictions.Average(), 0.04);
        var constant = Enumerable.Repeat(data.Labels.Average(), test.Rows).ToArray();
        Assert.True(Metrics.PoissonDeviance(test.Labels, predictions) < 0.9 * Metrics.PoissonDeviance(test.Labels, constant));
    }

    [Fact]
    public void Softmax_learns_three_classes()
    {
        DataSet Of(long seed) => Simulated.Of(6_000, 8, seed, 0.1, (signal, _) => signal < -1 ? 0 : signal < 1 ? 1 : 2);
        var (data, test) = (Of(1), Of(2));
        var ensemble = Simulated.Boost(data, new() { Objective = Objective.Multiclass, Rounds = 60, LearningRate = 0.1 });
        double[] row = new double[8], p = new double[3];
        var right = 0;
        for (var i = 0; i < test.Rows; i++)
        {
            test.CopyRow(i, row);
            ensemble.Predict(row, p);
            if (Array.IndexOf(p, p.Max()) == (int)test.Labels[i]) right++;
        }
        Assert.True(right > 0.7 * test.Rows, $"{right} of {test.Rows}");
    }

    [Fact] // statistics.md, bar "Objectives": LambdaMART at least as good as pointwise on a simulated log
    public void Ranking_loss_orders_at_least_as_well_as_a_pointwise_fit()
    {
        var (train, test) = (RankingSimulation.Graded(400, 12, 1), RankingSimulation.Graded(200, 12, 2));
        var settings = new LearnerSettings { LearningRate = 0.1, Rounds = 400, Patience = 50 };
        double Ndcg(Objective objective) =>
            RankingSimulation.MeanNdcg(test, test.Predictions(BoostedFit.Fit(train, settings with { Objective = objective }, 1, null, default).All), 5);
        Assert.InRange(Ndcg(Objective.Ranking), Ndcg(Objective.Squared), 1);
    }
}

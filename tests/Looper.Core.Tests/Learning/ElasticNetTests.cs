using Looper.Core.Learning;
using Looper.Core.Learning.Linear;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

public class ElasticNetTests
{
    [Fact] // reference.json, ridge_onehot 69,543
    public void House_values_are_predicted_as_well_as_by_the_linear_reference()
    {
        var (train, test) = Tabular.Read("california", "median_house_value");
        var fit = new ElasticNet().Fit(train, null, new() { Objective = Objective.Squared }, 1, null, default);
        Assert.InRange(ValueMetrics.Of(test.Labels, test.Predictions(fit)).Rmse, 0, 70_900);
    }

    [Fact] // reference.json, logistic_onehot 0.77148
    public void Bank_calls_are_ranked_as_well_as_by_the_linear_reference()
    {
        var (train, test) = Tabular.Read("bank", "y");
        var fit = new ElasticNet().Fit(train, null, new(), 1, null, default);
        Assert.InRange(BinaryMetrics.Of(test.Labels, test.Predictions(fit)).Auc, 0.7695, 1);
    }

    [Theory, InlineData(Objective.Binary), InlineData(Objective.Squared), InlineData(Objective.Poisson), InlineData(Objective.Multiclass)]
    public void It_beats_the_constant_on_rows_it_has_not_seen(Objective objective)
    {
        DataSet Draw(long seed) => objective switch
        {
            Objective.Binary => Simulated.Binary(3_000, seed: seed),
            Objective.Squared => Simulated.Value(3_000, seed: seed),
            Objective.Poisson => Simulated.Count(3_000, seed),
            _ => Simulated.Of(3_000, 8, seed, 0.1, (signal, _) => signal < -1 ? 0 : signal < 1 ? 1 : 2),
        };
        var (train, test) = (Draw(1), Draw(2));
        var fit = (LinearPredictor)new ElasticNet().Fit(train, Draw(3), new() { Objective = objective }, 1, null, default);
        var constant = new LinearPredictor(objective, Constant(train, objective), [.. fit.Terms.Select(t => t with { Slopes = [.. t.Slopes.Select(_ => 0.0)], Levels = [.. t.Levels.Select(_ => 0.0)] })]);
        Assert.True(RowLosses.Of(fit, test, objective).Average() < 0.95 * RowLosses.Of(constant, test, objective).Average());
        var bytes = Artefact.Write(new(train.Columns, fit));
        Assert.Equal(test.Predictions(fit), test.Predictions(Artefact.Read(bytes).Value!));
    }

    [Theory, InlineData(Objective.Binary), InlineData(Objective.Poisson)] // of every sixth row two are left: some folds have none
    public void Few_of_a_label_among_many_rows_are_learned_from(Objective objective)
    {
        var random = new Philox(4, "few");
        double[] x = [.. Enumerable.Range(0, 60_000).Select(_ => random.Normal())], y = new double[x.Length];
        for (var k = 0; k < 12; k++) (x[5_000 * k + 6], y[5_000 * k + 6]) = (4, 1); // a sixth of the positions, so a plain draw meets them seldom
        var data = new DataSet([new("x", ColumnKind.Number, [])], [x], y);
        var fit = new ElasticNet().Fit(data, null, new() { Objective = objective }, 1, null, default);
        double Of(double value) => fit.Predict([value]);
        Assert.True(Of(4) > 10 * Of(0), $"{Of(4)} where {Of(0)} is usual");
        Assert.InRange(Enumerable.Range(0, 1_000).Average(i => Of(x[i * 60])), 0, 0.002); // the others stand for as many as they are
    }

    private static System.Collections.Immutable.ImmutableArray<double> Constant(DataSet data, Objective objective)
    {
        var mean = data.Labels.Average();
        return objective switch
        {
            Objective.Binary => [Math.Log(mean / (1 - mean))],
            Objective.Poisson => [Math.Log(mean)],
            Objective.Multiclass => [.. Enumerable.Range(0, 3).Select(k => Math.Log(data.Labels.Count(y => y == k) / 3_000.0))],
            _ => [mean],
        };
    }
}

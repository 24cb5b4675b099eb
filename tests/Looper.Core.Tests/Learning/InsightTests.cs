using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

/// <summary>Importance, partial dependence and the checks of the data.</summary>
public class InsightTests
{
    private static readonly DataSet s_data = Signal(4_000, 1);

    // x0 moves the value by 3 per unit, x1 by its level, x2 not at all
    private static DataSet Signal(int rows, long seed)
    {
        var random = new Philox(seed);
        double[][] values = [new double[rows], new double[rows], new double[rows]];
        var labels = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            (values[0][i], values[1][i], values[2][i]) = (random.Normal(), random.Below(3), random.Normal());
            labels[i] = 3 * values[0][i] + (values[1][i] == 2 ? 2 : 0) + random.Normal();
        }
        return new([new("x0", ColumnKind.Number, []), new("x1", ColumnKind.Category, ["a", "b", "c"]), new("x2", ColumnKind.Number, [])], values, labels);
    }

    [Fact]
    public void Importance_ranks_columns_by_what_they_do_and_finds_noise_to_be_none()
    {
        var ensemble = Simulated.Boost(s_data, new() { Objective = Objective.Squared, Rounds = 100, FeatureFraction = 1 });
        var found = Importance.Of(ensemble, Signal(4_000, 2), 1, default);
        Assert.Equal(["x0", "x1", "x2"], found.Select(f => f.Column));
        Assert.Equal(1, found.Sum(f => f.Gain), 1e-9);
        Assert.True(found[1].Low > 0);
        Assert.InRange(found[2].Permutation, -0.1, 0.1);
    }

    [Fact]
    public void Importance_counts_rows_of_one_unit_once()
    {
        var ensemble = Simulated.Boost(s_data, new() { Objective = Objective.Squared, Rounds = 20, FeatureFraction = 1 });
        var test = Signal(400, 2);
        var (apart, together) = (Importance.Of(ensemble, test, 1, default)[0], Importance.Of(ensemble, test, 1, default, [.. Enumerable.Range(0, 400).Select(i => (ulong)(i % 4))])[0]);
        Assert.Equal(apart.Permutation, together.Permutation, 1e-12);
        Assert.NotEqual(apart.Low, together.Low, 1e-6);
    }

    [Fact] // shuffling leaves the sum of predictions as it is, so that one column's mean rise is that of the median's loss too; its interval is not
    public void Importance_of_a_quantile_is_the_rise_of_its_own_loss()
    {
        var random = new Philox(3);
        double[] scales = [.. Enumerable.Range(0, 2_000).Select(_ => 1 + 9 * random.Uniform())];
        var test = new DataSet([new("scale", ColumnKind.Number, [])], [scales], [.. scales.Select(s => -s * Math.Log(1 - random.Uniform()))]);
        var ensemble = Simulated.Boost(test, new() { Objective = Objective.Quantile, Quantile = 0.9, Rounds = 60 });
        double[] Losses(double[] column) => RowLosses.Of(ensemble, new DataSet(test.Columns, [column], test.Labels), Objective.Quantile, 0.9);
        var (rises, before) = (new double[2_000], Losses(scales));
        for (var repeat = 0; repeat < 5; repeat++)
        {
            var order = Simulated.Range(0, 2_000);
            new Philox(1, "permutation", repeat).Shuffle(order.AsSpan());
            var after = Losses(Array.ConvertAll(order, i => scales[i]));
            for (var i = 0; i < rises.Length; i++) rises[i] += (after[i] - before[i]) / 5;
        }
        var (wanted, found) = (Spread.Of(rises), Importance.Of(ensemble, test, 1, default, tau: 0.9)[0]);
        Assert.Equal([wanted.Low, wanted.Mean, wanted.High], [found.Low, found.Permutation, found.High]);
    }

    [Fact]
    public void Partial_dependence_follows_the_law()
    {
        var ensemble = Simulated.Boost(s_data, new() { Objective = Objective.Squared, Rounds = 100, FeatureFraction = 1 });
        var levels = PartialDependence.Of(ensemble, s_data, 1);
        Assert.Equal([0, 1, 2], levels.Select(p => p.Value));
        Assert.Equal(2, levels[2].Prediction - levels[0].Prediction, 0.2);
        var slope = PartialDependence.Of(ensemble, s_data, 0);
        Assert.True(slope[^2].Prediction > slope[1].Prediction + 5);
    }

    [Theory, InlineData("adult", "income"), InlineData("bank", "y"), InlineData("california", "median_house_value")]
    public void A_planted_copy_of_the_label_is_found_and_no_given_column_is_accused(string name, string label)
    {
        var (data, _) = Tabular.Read(name, label);
        var objective = name == "california" ? Objective.Squared : Objective.Binary;
        Assert.DoesNotContain(DataChecks.Of(data, objective), f => f.Code.StartsWith("leak.", StringComparison.Ordinal));
        var random = new Philox(1);
        var deviation = Math.Sqrt(data.Labels.Select(y => y * y).Average());
        var copy = data.Labels.Select(y => objective == Objective.Binary ? random.Uniform() < 0.005 ? 1 - y : y : y + 0.005 * deviation * random.Normal()).ToArray();
        var planted = new DataSet([.. data.Columns, new("copy", ColumnKind.Number, [])], [.. data.Values, copy], data.Labels);
        Assert.Contains(DataChecks.Of(planted, objective), f => f is { Code: "leak.predicts-alone", Column: "copy" });
    }

    [Fact]
    public void A_time_after_the_decision_is_a_leak_and_one_before_it_is_not()
    {
        var random = new Philox(3);
        var at = Enumerable.Range(0, 300).Select(i => 1.7e9 + 600 * i).ToArray();
        double[] Times(Func<double, double> of) => [.. at.Select(of)];
        var data = new DataSet(
            [new("registeredAt", ColumnKind.Number, []), new("deliveredAt", ColumnKind.Number, []), new("price", ColumnKind.Number, [])],
            [Times(t => t - 86_400 * random.Uniform()), Times(t => random.Uniform() < 0.5 ? double.NaN : t + 86_400 * random.Uniform()), Times(_ => 100 * random.Uniform())],
            [.. at.Select(_ => (double)random.Below(2))]);
        var found = Assert.Single(DataChecks.Of(data, Objective.Binary, at), f => f.Code == "leak.after-decision");
        Assert.Equal(("deliveredAt", FindingAdvice.Drop, 1.0), (found.Column, found.Advice, found.Value));
    }

    [Fact] // a ranking is judged by its order within the query: the column that decides it must come first, whatever the labels' level
    public void Importance_of_a_ranking_is_measured_in_ndcg()
    {
        var (train, test) = (RankingSimulation.Graded(300, 10, 1), RankingSimulation.Graded(200, 10, 2));
        var ensemble = Simulated.Boost(train, new() { Objective = Objective.Ranking, Rounds = 60, LearningRate = 0.1 });
        var found = Importance.Of(ensemble, test, 1, default);
        Assert.Equal("x0", found[0].Column);
        Assert.InRange(found[0].Permutation, 0.02, 1);
        Assert.InRange(found.Single(f => f.Column == "x4").Permutation, -0.02, 0.02);
    }

    [Fact]
    public void A_feature_of_several_columns_is_spoken_of_once()
    {
        var random = new Philox(4);
        double[] labels = [.. Enumerable.Range(0, 400).Select(_ => (double)random.Below(2))];
        double[] Column(int at) => [.. Enumerable.Range(0, 400).Select(i => random.Normal() + (i >= 300 ? 3 + at : 0))]; // other in the newest quarter
        var found = DataChecks.Of(new([.. Enumerable.Range(0, 3).Select(k => new Column($"embedding[{k}]", ColumnKind.Number, []))], [Column(0), Column(1), Column(2)], labels), Objective.Binary);
        var one = Assert.Single(found);
        Assert.Equal(("split.distinguishable", "embedding"), (one.Code, one.Column));
        Assert.True(one.Value > 0.995, $"{one.Value}"); // of the column that tells most
    }

    [Fact]
    public void Identifiers_constants_empty_columns_and_telling_gaps_are_found()
    {
        var random = new Philox(2);
        var labels = Enumerable.Range(0, 400).Select(_ => (double)random.Below(2)).ToArray();
        var found = DataChecks.Of(
            new(
                [new("id", ColumnKind.Category, [.. Enumerable.Range(0, 400).Select(i => $"u{i}")]), new("same", ColumnKind.Number, []), new("gone", ColumnKind.Number, []), new("later", ColumnKind.Number, [])],
                [[.. Enumerable.Range(0, 400).Select(i => (double)i)], new double[400], [.. Enumerable.Repeat(double.NaN, 400)],
                    [.. labels.Select(y => y == 1 || random.Uniform() < 0.3 ? random.Normal() : double.NaN)]],
                labels),
            Objective.Binary);
        Assert.Equal(["column.identifier", "column.constant", "column.missing", "leak.missing-tells"], found.Select(f => f.Code));
    }

    [Theory, InlineData(Objective.Squared), InlineData(Objective.Poisson)] // how much was spent is told by nothing, whether anything was by what is filled in only then
    public void A_gap_that_tells_whether_there_was_anything_is_found_of_numbers_too(Objective objective)
    {
        var random = new Philox(3);
        double[] spent = [.. Enumerable.Range(0, 400).Select(_ => random.Uniform() < 0.3 ? Math.Ceiling(1_000 * Math.Exp(random.Normal())) : 0)];
        DataSet Of(Func<double, bool> isThere) => new([new("method", ColumnKind.Number, [])], [[.. spent.Select(y => isThere(y) ? random.Normal() : double.NaN)]], spent);
        Assert.Equal("leak.missing-tells", Assert.Single(DataChecks.Of(Of(y => y > 0), objective)).Code);
        Assert.Empty(DataChecks.Of(Of(_ => random.Uniform() < 0.5), objective));
    }
}

using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

public class FeatureSelectionTests
{
    [Fact]
    public void Useless_and_dearly_bought_columns_go_first_and_pinned_ones_stay()
    {
        const int Rows = 3_000;
        var random = new Philox(1);
        double[][] x = [.. Enumerable.Range(0, 5).Select(_ => new double[Rows])];
        var labels = new double[Rows];
        for (var i = 0; i < Rows; i++)
        {
            for (var j = 0; j < 4; j++) x[j][i] = random.Normal();
            x[4][i] = x[0][i] + 0.01 * random.Normal(); // as good as the first, but dear
            labels[i] = 2 * x[0][i] + x[1][i] + 0.5 * random.Normal();
        }
        var data = new DataSet([.. new[] { "signal", "second", "noise", "pinned", "dear" }.Select(n => new Column(n, ColumnKind.Number, []))], x, labels);
        var found = FeatureSelection.Run(data, [1, 1, 1, 1, 100], new HashSet<string> { "pinned" },
            new() { Objective = Objective.Squared, Rounds = 60, LearningRate = 0.2, FeatureFraction = 1 }, 0.02, 1, default);
        Assert.Equal(["signal", "second", "pinned"], found.Kept);
        Assert.Equal(101, found.Saved, 1e-9);
        Assert.All(found.Steps.Skip(1), s => Assert.NotNull(s.Dropped));
    }

    [Fact] // as where the option never varied: without the last feature nothing could be learned at all
    public void A_feature_without_which_nothing_is_left_to_learn_from_stays()
    {
        const int Rows = 2_000;
        var random = new Philox(2);
        double[][] x = [new double[Rows], [.. Enumerable.Range(0, Rows).Select(_ => random.Normal())], [.. Enumerable.Range(0, Rows).Select(_ => random.Normal())]];
        var data = new DataSet(
            [new("option", ColumnKind.Category, ["always"]), new("signal", ColumnKind.Number, []), new("noise", ColumnKind.Number, [])], x, [.. x[1].Select(v => v + random.Normal())]);
        var found = FeatureSelection.Run(data, [1, 1, 1], new HashSet<string> { "option" }, new() { Objective = Objective.Squared, Rounds = 30, LearningRate = 0.2 }, 0.02, 1, default);
        Assert.Equal(["option", "signal"], found.Kept);
    }
}

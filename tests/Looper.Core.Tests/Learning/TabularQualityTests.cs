using Looper.Core.Learning;

namespace Looper.Core.Tests.Learning;

public class TabularQualityTests
{
    [Fact]
    public void Boosting_ranks_adult_as_well_as_the_best_reference()
    {
        var metrics = Binary("adult", "income");
        TestContext.Current.TestOutputHelper?.WriteLine(metrics.ToString());
        Assert.True(metrics.Auc >= 0.9258, $"AUC {metrics.Auc:F5}"); // reference.json, best 0.92781 (xgb), less 0.002
    }

    private static BinaryMetrics Binary(string name, string label)
    {
        var (train, test) = Tabular.Read(name, label);
        var cut = (int)(train.Rows * 0.85);
        var fit = new GradientBoosting().Fit(train.Take(Range(0, cut)), train.Take(Range(cut, train.Rows)), new(), 1, null, default);
        return BinaryMetrics.Of(test.Labels, test.Predictions(fit));
    }

    private static int[] Range(int from, int to) => [.. Enumerable.Range(from, to - from)];
}

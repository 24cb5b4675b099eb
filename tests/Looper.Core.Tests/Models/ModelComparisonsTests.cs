using Looper.Core.Learning;
using Looper.Core.Models;

namespace Looper.Core.Tests.Models;

public sealed class ModelComparisonsTests
{
    private static readonly Lazy<TrainedPredictor> Good = new(() => Fit(signal: 1)), Blind = new(() => Fit(signal: 0));

    [Fact] // truth: one learned from the world that is judged, the other from one where nothing matters
    public void The_model_that_knows_the_world_predicts_better()
    {
        var judged = Judge(Blind.Value, Good.Value, 2_000);
        Assert.True(judged.Gain!.Value.Low > 0);
        Assert.True(judged.B!.Of(QualityMetric.Auc)!.Value > judged.A!.Of(QualityMetric.Auc)!.Value + 0.1);
        Assert.True(judged.Agreement!.SameOption < 0.7);
        var swapped = Judge(Good.Value, Blind.Value, 2_000);
        Assert.Equal(-judged.Gain.Value.Mean, swapped.Gain!.Value.Mean, tolerance: 1e-12);
    }

    [Fact] // identity
    public void A_model_agrees_with_itself()
    {
        var judged = Judge(Good.Value, Good.Value, 500);
        Assert.Equal(0, judged.Gain!.Value.Mean);
        Assert.Equal((1.0, 0.0, 1.0), (Math.Round(judged.Agreement!.RankCorrelation, 12), judged.Agreement.MeanDifference, judged.Agreement.SameOption));
    }

    [Theory, InlineData(0), InlineData(199)]
    public void Below_two_hundred_new_examples_there_is_no_figure(int rows)
    {
        var judged = Judge(Good.Value, Blind.Value, rows);
        Assert.Equal((rows, 200), (judged.Rows, judged.Needed));
        Assert.False(judged.IsEnough);
        Assert.Null(judged.A);
        Assert.Null(judged.Gain);
        Assert.Null(judged.Agreement);
    }

    private static SameRowsView Judge(TrainedPredictor a, TrainedPredictor b, int rows)
    {
        Simulated.Trainer(Simulated.Examples(rows, seed: 77), out var reading);
        var versions = new VersionTable(Simulated.Blueprint, [new(1, Simulated.Blueprint)]);
        return ModelComparisons.Judge(Simulated.Blueprint, versions, Simulated.Bought, new(PredictionTask.Binary), reading.Examples, reading.RowsOf(0).Rows, a, b, 0.25, Simulated.Start);
    }

    private static TrainedPredictor Fit(double signal)
    {
        var trainer = Simulated.Trainer(Simulated.Examples(4_000, seed: 31, signal), out var reading);
        return trainer.Fit(reading.RowsOf(0), null, "by hand", 1, (_, _) => { }, default).Value!.Predictor;
    }
}

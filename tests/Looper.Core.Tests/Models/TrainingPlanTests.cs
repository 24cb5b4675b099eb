using Looper.Core.Blueprints;
using Looper.Core.Models;

namespace Looper.Core.Tests.Models;

/// <summary>What each training setting does to a model that is really trained.</summary>
public sealed class TrainingPlanTests
{
    private static readonly TrainingPlan Quick = new() { SearchSeconds = 0, Settings = new() { Rounds = 60, LearningRate = 0.1 } };

    [Fact]
    public void A_search_goes_through_its_phases_and_leaves_alone_what_is_fixed()
    {
        var phases = new List<string>();
        var trained = Fit(Quick with { SearchSeconds = 5, Family = ModelFamily.Trees, Settings = new() { Rounds = 20, Leaves = 5 } }, 1_500, say: phases.Add);
        Assert.Equal(["Check data", "Search settings", "Fit", "Calibrate", "Evaluate"], phases.Select(p => p.Split(" (")[0]).Distinct());
        Assert.Contains("Search settings (1 of 98)", phases);
        Assert.True(trained.Preparation.Trials.Length > 1);
        Assert.All(trained.Preparation.Trials, t => Assert.Contains(" 5 leaves", t.Settings, StringComparison.Ordinal));
        Assert.Single(trained.Preparation.Trials, t => t.IsChosen);
        Assert.Equal(5, trained.Lineage.Leaves);
        Assert.Equal(trained.Data.Constant * trained.Data.TrainRows, trained.Data.Outcome.Balance[1].Rows, 1e-6); // fitted again on all that came before the newest
        Assert.True(trained.Data.ValidationRows < trained.Data.TrainRows / 4);
    }

    [Theory]
    [InlineData(ModelFamily.Linear, "linear model")]
    [InlineData(ModelFamily.Network, "small network")]
    public void A_family_that_is_fixed_is_the_one_that_is_trained(ModelFamily family, string name) => Assert.Equal(name, Fit(Quick with { Family = family }, 800).Lineage.Learner);

    [Fact]
    public void Selection_drops_what_earns_nothing_and_keeps_what_is_pinned()
    {
        var trained = Fit(Quick with { Selection = new() { IsOn = true, Pinned = ["age"] } }, 6_000);
        Assert.Equal(["noise"], trained.Preparation.Selection!.Dropped);
        Assert.Equal(["@option", "country", "age"], trained.Predictor.Columns.Select(c => c.Name));
    }

    [Fact] // it learns from the oldest half, in which nobody bought yet
    public void Where_a_selection_cannot_learn_all_features_stay_and_it_says_so()
    {
        var content = Simulated.Blueprint with { Training = Quick with { Selection = new() { IsOn = true } } };
        var trained = Simulated.Trainer(Simulated.Examples(2_000, seed: 5).Select((e, i) => i < 1_150 ? e with { Values = [0, 0], SoFar = [0, 0] } : e), out var reading, blueprint: content)
            .Fit(reading.RowsOf(0), null, "by hand", 5, (_, _) => { }, default).Value!;
        Assert.Empty(trained.Preparation.Selection!.Dropped);
        Assert.StartsWith("All features stay: ", Assert.Single(trained.Preparation.Selection.Steps).Why, StringComparison.Ordinal);
    }

    [Fact] // the target itself: nine outcomes in ten lie at or below the prediction
    public void A_quantile_is_predicted_and_judged_as_one()
    {
        var plan = Quick with { Objectives = [new("spent", OutcomeTarget.Quantile) { Quantile = 0.9 }] };
        var trained = Fit(plan, 6_000, outcome: 1);
        Assert.Equal((PredictionTask.Quantile, QualityMetric.Pinball), (trained.Quality.Task, trained.Quality.Main!.Name));
        Assert.InRange(trained.Quality.Of(QualityMetric.Coverage)!.Value, 0.86, 0.94);
        Assert.True(trained.Quality.Main.Value < trained.Quality.Main.Average);

        Simulated.Trainer(Simulated.Examples(6_000, seed: 21), out var reading);
        var newest = reading.RowsOf(1).Rows[^trained.Data.NewestRows..];
        var rows = new DataSetBuilder(Simulated.Blueprint, new(Simulated.Blueprint, [new(1, Simulated.Blueprint)]), reading.Examples).Build(trained.Predictor.Columns, newest, 1);
        var worth = Looper.Core.Learning.Importance.Of(trained.Predictor, rows, 1, default, [.. newest.Select(reading.Examples.Unit)], 0.9);
        Assert.Equal(worth.Select(w => (w.Column, w.Low, w.High)), trained.Importance.Select(i => (i.Feature, i.Low, i.High)));
    }

    [Fact]
    public void A_count_is_judged_by_its_deviance()
    {
        var trained = Fit(Quick with { Objectives = [new("spent", OutcomeTarget.Count)] }, 3_000, outcome: 1);
        Assert.Equal(QualityMetric.Deviance, trained.Quality.Main!.Name);
        Assert.True(trained.Quality.Main.Value < trained.Quality.Main.Average);
    }

    [Fact]
    public void The_data_snapshot_says_what_a_model_was_made_from()
    {
        var (data, again, other) = (Fit(Quick, 1_000).Data, Fit(Quick, 1_000).Data, Fit(Quick, 1_001).Data);
        Assert.Equal((1_000, 1_000, 1.0), (data.Rows, data.Units, data.JoinRate));
        Assert.InRange(data.TrainRows + data.ValidationRows + data.NewestRows, 850, 1_000); // the rest lies in the gaps
        Assert.Equal(1, data.Outcome.Balance.Sum(b => b.Share), tolerance: 1e-12);
        Assert.Equal(data.Hash, again.Hash);
        Assert.NotEqual(data.Hash, other.Hash);
    }

    private static Trained Fit(TrainingPlan plan, int rows, int outcome = 0, Action<string>? say = null)
    {
        var trainer = Simulated.Trainer(Simulated.Examples(rows, seed: 21), out var reading, blueprint: Simulated.Blueprint with { Training = plan });
        var trained = trainer.Fit(reading.RowsOf(outcome), null, "by hand", 1, (phase, _) => say?.Invoke(phase), default);
        Assert.Null(trained.Refusal);
        return trained.Value!;
    }
}

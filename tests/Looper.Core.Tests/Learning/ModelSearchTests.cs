using Looper.Core.Learning;
using Looper.Testing;

namespace Looper.Core.Tests.Learning;

public class ModelSearchTests
{
    [Fact]
    public void A_linear_law_ends_in_the_cheaper_linear_model()
    {
        var data = Simulated.Of(3_000, 3, 1, 0, (_, random) => 0);
        var labels = data.Values[0].Zip(data.Values[1], (a, b) => 2 * a - b).ToArray();
        var found = ModelSearch.Within(
            new(data.Columns, data.Values, labels), new() { Objective = Objective.Squared, Rounds = 100 }, new(), 1, SearchBudget.Unbounded, null, default);
        Assert.Equal("linear", found.Chosen.Family);
        Assert.Equal(found.Trials.Where(t => t.On.Length == 0).Min(t => t.Loss), found.Chosen.Loss, 1e-3);
    }

    [Fact]
    public void What_the_user_fixed_is_used_exactly()
    {
        var space = new SearchSpace { Family = "boosting", Rounds = 7, Leaves = 5, LearningRate = 0.3 };
        var trials = 0;
        var found = ModelSearch.Within(Simulated.Binary(1_500), new(), space, 1, Cut(() => trials > 40), _ => trials++, default);
        Assert.All(found.Trials, t => Assert.Equal((7, 5, 0.3), (t.Settings.Rounds, t.Settings.Leaves, t.Settings.LearningRate)));
        Assert.Equal(7, ((TreeEnsemble)found.Predictor).Trees.Length);
        Assert.True(found.Trials.Select(t => t.Settings.L2).Distinct().Count() > 10);
        var fault = Assert.Throws<UnlearnableException>(() => ModelSearch.Within(Simulated.Binary(500), new(), new SearchSpace { Family = "linear", Leaves = 4 }, 1, SearchBudget.Unbounded, null, default));
        Assert.Equal("learning.settings-invalid", fault.Refusal.Code);
    }

    [Fact]
    public void Poor_settings_are_left_behind_on_few_rows_and_the_search_ends_by_itself()
    {
        var found = ModelSearch.Within(
            Simulated.Binary(12_000), new() { Rounds = 25, Threads = 2 }, new() { Family = "boosting" }, 1, SearchBudget.Unbounded, null, default);
        var part = found.Trials.Where(t => t.On.StartsWith("on", StringComparison.Ordinal)).ToArray();
        var whole = found.Trials.Where(t => t.On.Length == 0).ToArray();
        Assert.Equal([27, 9], part.GroupBy(t => t.On).Select(g => g.Count()));
        Assert.InRange(whole.Length, 1 + 3 + 12, 1 + 3 + 40 + 1);
        Assert.Equal(found.Chosen.Loss, whole.Min(t => t.Loss), 0.01);
        Assert.Equal(new SearchLength(found.Trials.Length - found.Length.Confirmed, found.Length.Confirmed), found.Length);
        Assert.InRange(found.Length.Confirmed, 1 + 3, 1 + 3 * 5);
    }

    [Fact]
    public void A_tolerance_buys_a_cheaper_model()
    {
        var data = Simulated.Binary(3_000);
        SearchResult Run(double tolerance)
        {
            var trials = 0;
            return ModelSearch.Within(data, new() { Rounds = 60 }, new SearchSpace { Tolerance = tolerance }, 1, Cut(() => trials >= 3), _ => trials++, default);
        }
        var (best, cheap) = (Run(0), Run(0.5));
        Assert.Equal(("boosting", "linear"), (best.Chosen.Family, cheap.Chosen.Family));
        Assert.True(cheap.Chosen.Cost < best.Chosen.Cost / 10);
        Assert.InRange(cheap.Chosen.Loss, best.Chosen.Loss, 1.5 * best.Chosen.Loss);
    }

    [Fact]
    public void When_time_is_up_there_is_still_a_model()
    {
        var found = ModelSearch.Within(Simulated.Binary(2_000), new() { Rounds = 30 }, new(), 1, Cut(() => true), null, default);
        Assert.Equal("boosting", Assert.Single(found.Trials).Family);
        Assert.Equal(1, found.Predictor.Outputs);
    }

    [Fact]
    public void The_same_seed_tries_the_same_settings()
    {
        string[] Notes(long seed)
        {
            var trials = 0;
            return [.. ModelSearch.Within(Simulated.Binary(1_000), new() { Rounds = 10 }, new() { Family = "boosting" }, seed, Cut(() => trials >= 4), _ => trials++, default)
                .Trials.Select(t => $"{t.Note} {t.Loss:R}")];
        }
        Assert.Equal(Notes(1), Notes(1));
        Assert.NotEqual(Notes(1), Notes(2));
    }

    [Theory, InlineData(40), InlineData(1_500), InlineData(4_500)] // asked so often until time is up: within a fit, too
    public void A_search_cut_by_the_clock_is_made_again_from_its_length(int asked)
    {
        var (data, settings) = (Simulated.Binary(1_500), new LearnerSettings { Rounds = 40 });
        var asks = 0;
        var cut = ModelSearch.Within(data, settings, new(), 7, SearchBudget.Of(() => (double)++asks / asked), null, default);
        var again = ModelSearch.Within(data, settings with { Threads = 1 }, new(), 7, SearchBudget.Again(cut.Length), null, default);
        Assert.Equal(cut.Trials.Select(t => $"{t.Note} {t.Loss:R}"), again.Trials.Select(t => $"{t.Note} {t.Loss:R}"));
        Assert.Equal(Artefact.Write(new(data.Columns, cut.Predictor)), Artefact.Write(new(data.Columns, again.Predictor)));
    }

    [Fact]
    public void What_only_the_newest_rows_like_does_not_replace_the_default()
    {
        // 180 newest rows judge 50 settings, so the least loss is mostly luck. On fresh rows the choice must do no worse than the default, and better than that luck.
        var (chosen, lucky) = (0.0, 0.0);
        foreach (var seed in Simulated.Range(1, Sizes.IsLong ? 25 : 7))
        {
            var (data, fresh) = (Simulated.Binary(1_200, seed: seed), Simulated.Binary(20_000, seed: 1_000 + seed));
            double Loss(IPredictor predictor) => RowLosses.Of(predictor, fresh, Objective.Binary).Average();
            double Of(Trial trial) => Loss(new GradientBoosting().Fit(data, null, trial.Settings with { Rounds = (int)(trial.Settings.Rounds * 1.1) + 1 }, seed, null, default));
            var found = ModelSearch.Within(data, new() { Rounds = 100 }, new() { Family = "boosting" }, seed, SearchBudget.Unbounded, null, default);
            var byDefault = Of(found.Trials[0]);
            chosen += Loss(found.Predictor) - byDefault;
            lucky += Of(found.Trials.Where(t => t.On.Length == 0).MinBy(t => t.Loss)!) - byDefault;
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"against the default: chosen {chosen:F4}, least loss {lucky:F4}");
        Assert.InRange(chosen, -1, 0);
        Assert.True(chosen < lucky);
    }

    private static SearchBudget Cut(Func<bool> timeIsUp) => SearchBudget.Of(() => timeIsUp() ? 1 : 0);
}

using Looper.Core.Learning;

namespace Looper.Core.Tests.Learning;

public class ModelSearchTests
{
    [Fact]
    public void A_linear_law_ends_in_the_cheaper_linear_model()
    {
        var data = Simulated.Of(3_000, 3, 1, 0, (_, random) => 0);
        var labels = data.Values[0].Zip(data.Values[1], (a, b) => 2 * a - b).ToArray();
        var found = ModelSearch.Run(new(data.Columns, data.Values, labels), new() { Objective = Objective.Squared, Rounds = 100 }, null, 1, () => false, null, default);
        Assert.Equal("linear", found.Chosen.Family);
        Assert.Equal(found.Trials.Min(t => t.Loss), found.Chosen.Loss, 1e-3);
    }

    [Fact]
    public void What_the_user_fixed_is_used_exactly()
    {
        var space = new SearchSpace { Family = "boosting", Rounds = 7, Leaves = 5, LearningRate = 0.3 };
        var trials = 0;
        var found = ModelSearch.Within(Simulated.Binary(1_500), new(), space, 1, () => trials > 40, _ => trials++, default);
        Assert.All(found.Trials, t => Assert.Equal((7, 5, 0.3), (t.Settings.Rounds, t.Settings.Leaves, t.Settings.LearningRate)));
        Assert.Equal(7, ((TreeEnsemble)found.Predictor).Trees.Length);
        Assert.True(found.Trials.Select(t => t.Settings.L2).Distinct().Count() > 10);
        var fault = Assert.Throws<UnlearnableException>(() => ModelSearch.Within(Simulated.Binary(500), new(), new SearchSpace { Family = "linear", Leaves = 4 }, 1, () => true, null, default));
        Assert.Equal("learning.settings-invalid", fault.Refusal.Code);
    }

    [Fact]
    public void Poor_settings_are_left_behind_on_few_rows_and_the_search_ends_by_itself()
    {
        var found = ModelSearch.Run(Simulated.Binary(12_000), new() { Rounds = 25, Threads = 2 }, "boosting", 1, () => false, null, default);
        var part = found.Trials.Where(t => t.Note.Contains("rows", StringComparison.Ordinal)).ToArray();
        Assert.Equal([27, 9], part.GroupBy(t => t.Note.Split(", on ")[1]).Select(g => g.Count()));
        Assert.InRange(found.Trials.Length - part.Length, 1 + 3 + 12, 1 + 3 + 40);
        Assert.Equal(found.Chosen.Loss, found.Trials.Except(part).Min(t => t.Loss), 0.01);
    }

    [Fact]
    public void A_tolerance_buys_a_cheaper_model()
    {
        var data = Simulated.Binary(3_000);
        SearchResult Run(double tolerance)
        {
            var trials = 0;
            return ModelSearch.Within(data, new() { Rounds = 60 }, new SearchSpace { Tolerance = tolerance }, 1, () => trials >= 3, _ => trials++, default);
        }
        var (best, cheap) = (Run(0), Run(0.5));
        Assert.Equal(("boosting", "linear"), (best.Chosen.Family, cheap.Chosen.Family));
        Assert.True(cheap.Chosen.Cost < best.Chosen.Cost / 10);
        Assert.InRange(cheap.Chosen.Loss, best.Chosen.Loss, 1.5 * best.Chosen.Loss);
    }

    [Fact]
    public void When_time_is_up_there_is_still_a_model()
    {
        var found = ModelSearch.Run(Simulated.Binary(2_000), new() { Rounds = 30 }, null, 1, () => true, null, default);
        Assert.Equal("boosting", Assert.Single(found.Trials).Family);
        Assert.Equal(1, found.Predictor.Outputs);
    }

    [Fact]
    public void The_same_seed_tries_the_same_settings()
    {
        string[] Notes(long seed)
        {
            var trials = 0;
            return [.. ModelSearch.Run(Simulated.Binary(1_000), new() { Rounds = 10 }, "boosting", seed, () => trials >= 4, _ => trials++, default).Trials.Select(t => $"{t.Note} {t.Loss:R}")];
        }
        Assert.Equal(Notes(1), Notes(1));
        Assert.NotEqual(Notes(1), Notes(2));
    }
}

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

using Looper.Core.Learning;
using Looper.Core.Models;

namespace Looper.Core.Tests.Models;

public sealed class ExplanationTests
{
    private static readonly Lazy<TrainedPredictor> Predictor = new(() =>
    {
        var trainer = Simulated.Trainer(Simulated.Examples(2_000, seed: 11), out var reading);
        return trainer.Fit(reading.RowsOf(0), null, "by hand", 1, (_, _) => { }, default).Value!.Predictor;
    });

    [Fact] // identity: Σ moves + typical = prediction
    public void The_moves_add_up_to_the_difference_from_the_typical_prediction()
    {
        var explained = Explanation.Of(Predictor.Value, new Dictionary<string, string> { ["@option"] = "green", ["country"] = "DE", ["age"] = "61" }).Value!;
        Assert.Equal(explained.Prediction - explained.Typical, explained.Contributions.Sum(c => c.Moves), tolerance: 1e-9);
        Assert.Equal(4, explained.Contributions.Length);
    }

    [Fact]
    public void A_category_never_seen_is_missing()
    {
        var (strange, missing) = (Explanation.Of(Predictor.Value, new Dictionary<string, string> { ["country"] = "XX" }).Value!, Explanation.Of(Predictor.Value, new Dictionary<string, string>()).Value!);
        Assert.Equal(missing.Prediction, strange.Prediction);
    }

    [Theory, InlineData("age", "old", "feature.invalid"), InlineData("height", "2", "feature.invalid"), InlineData("age", "NaN", "feature.invalid")]
    public void A_value_that_cannot_be_is_refused_by_name(string feature, string value, string code)
    {
        var refusal = Explanation.Of(Predictor.Value, new Dictionary<string, string> { [feature] = value }).Refusal!;
        Assert.Equal((code, feature), (refusal.Code, refusal.Field));
    }
}

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

    [Fact]
    public void A_category_never_seen_is_named_as_such()
    {
        var explained = Explanation.Of(Predictor.Value, new Dictionary<string, string> { ["country"] = "XX", ["age"] = "40" }).Value!;
        Assert.Equal(["country"], explained.Contributions.Where(c => c.IsUnknown).Select(c => c.Feature));
    }

    [Theory, InlineData("NL", "red"), InlineData("DE", "green"), InlineData("FR", "blue")] // truth: each country buys at its own banner
    public void Every_option_is_scored_and_the_best_for_whom_comes_out_on_top(string country, string best)
    {
        var explained = Explanation.Of(Predictor.Value, new Dictionary<string, string> { ["country"] = country, ["age"] = "40", ["@option"] = "green" }).Value!;
        Assert.Equal(3, explained.Options.Length);
        Assert.Equal(best, explained.Options.MaxBy(o => o.Prediction)!.Option);
        Assert.Equal(explained.Prediction, explained.Options.Single(o => o.Option == "green").Prediction);
    }

    [Theory, InlineData("linear", true), InlineData("network", false)] // identity: Σ moves + typical = prediction, for every family
    public void Every_family_is_explained_and_adds_up(string family, bool exact)
    {
        var random = new Looper.Core.Numerics.Philox(seed: 3);
        var (x, kind, labels) = (new double[400], new double[400], new double[400]);
        for (var i = 0; i < x.Length; i++)
        {
            (x[i], kind[i]) = (random.Normal(), random.Below(2));
            labels[i] = random.Uniform() < 1 / (1 + Math.Exp(-(2 * x[i] + kind[i]))) ? 1 : 0;
        }
        DataSet data = new([new("x", ColumnKind.Number, []), new("kind", ColumnKind.Category, ["a", "b"])], [x, kind], labels);
        var fit = Learners.Of(family).Fit(data, null, new LearnerSettings { Rounds = 20 }, 1, null, default);
        var explained = Explanation.Of(new(data.Columns, fit), new Dictionary<string, string> { ["x"] = "1.5", ["kind"] = "b" }, new Dictionary<string, string> { ["x"] = "0", ["kind"] = "a" }).Value!;
        Assert.Equal(exact, explained.IsExact);
        Assert.Equal(explained.Prediction - explained.Typical, explained.Contributions.Sum(c => c.Moves), tolerance: 1e-9);
        Assert.True(explained.Contributions.Single(c => c.Feature == "x").Moves > 0);
    }

    [Theory, InlineData("age", "old", "feature.invalid"), InlineData("height", "2", "feature.invalid"), InlineData("age", "NaN", "feature.invalid")]
    public void A_value_that_cannot_be_is_refused_by_name(string feature, string value, string code)
    {
        var refusal = Explanation.Of(Predictor.Value, new Dictionary<string, string> { [feature] = value }).Refusal!;
        Assert.Equal((code, feature), (refusal.Code, refusal.Field));
    }
}

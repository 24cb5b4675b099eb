using System.Collections.Immutable;
using Looper.Core.Models;

namespace Looper.Core.Tests.Models;

public sealed class FeatureWordsTests
{
    [Theory]
    [InlineData("`age`: moves the prediction up when it is higher: 10.0% at 20, 30.0% at 60.", 0.1, 0.2, 0.3)]
    [InlineData("`age`: moves the prediction up when it is lower: 30.0% at 20, 10.0% at 60.", 0.3, 0.2, 0.1)]
    [InlineData("`age`: moves the prediction up most around 40 (30.0%), least around 20 (10.0%).", 0.1, 0.3, 0.12)]
    [InlineData("`age`: moves the prediction little on average; what it does depends on the other features.", 0.2, 0.201, 0.2)]
    public void A_number_says_where_the_prediction_goes_up(string sentence, params double[] predictions) =>
        Assert.Equal(sentence, FeatureWords.Moves(Numbers("age", [20, 40, 60], predictions), PredictionTask.Binary));

    [Fact]
    public void Yes_or_no_is_called_so() =>
        Assert.Equal("`isNew`: moves the prediction up when it is no: 12.5 against 10.", FeatureWords.Moves(Numbers("isNew", [0, 1], [12.5, 10]), PredictionTask.Number));

    [Fact]
    public void A_category_names_its_highest_and_lowest_and_missing_is_none_of_them()
    {
        var country = new FeatureDependence("country", false, [new("NL", double.NaN, 0.2, false, 5), new("FR", double.NaN, 0.1, false, 3), new("", double.NaN, 0.9, true, 2)], [], [], 10);
        Assert.Equal("`country`: moves the prediction up most for `NL` (20.0%), least for `FR` (10.0%).", FeatureWords.Moves(country, PredictionTask.Binary));
        Assert.StartsWith("The option: ", FeatureWords.Moves(country with { Feature = "@option" }, PredictionTask.Binary), StringComparison.Ordinal);
    }

    [Fact]
    public void One_value_moves_nothing() =>
        Assert.Equal("`age`: nearly every row has the same value.", FeatureWords.Moves(Numbers("age", [20], [0.1]), PredictionTask.Binary));

    [Theory]
    [InlineData(0.02, 0.01, 0.03, "Shuffling `age` adds 0.02 [0.01, 0.03] to the log loss.")]
    [InlineData(0.001, -0.001, 0.003, "What `age` adds cannot be told from chance: 0.001 [−0.001, 0.003] of log loss.")]
    [InlineData(-0.02, -0.03, -0.01, "Shuffling `age` takes 0.02 [0.01, 0.03] off the log loss: it misleads the model on these rows.")]
    [InlineData(double.NaN, double.NaN, double.NaN, "What `age` is worth was not measured.")]
    public void Worth_is_never_claimed_beyond_its_interval(double added, double low, double high, string sentence) =>
        Assert.Equal(sentence, FeatureWords.Worth(new("age", 0.5, added, low, high), PredictionTask.Binary));

    [Theory, InlineData("<script>alert(1)</script>"), InlineData("a`b`c"), InlineData("‮evil")]
    public void A_hostile_name_stays_between_its_marks(string name)
    {
        var sentence = FeatureWords.Of(new(name, 0.5, 0.02, 0.01, 0.03), Numbers(name, [1, 2], [0.1, 0.2]), PredictionTask.Binary);
        Assert.Equal(4, sentence.Count(c => c == '`')); // one pair in each sentence
        Assert.DoesNotContain('\u202e', sentence);
        Assert.DoesNotContain("cause", sentence, StringComparison.Ordinal);
    }

    private static FeatureDependence Numbers(string name, double[] values, double[] predictions) =>
        new(name, true, [.. values.Zip(predictions, (v, p) => new DependenceLevel("", v, p, false, 0))], [], ImmutableArray<int>.Empty, 100);
}

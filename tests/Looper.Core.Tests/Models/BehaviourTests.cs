using Looper.Core.Learning;
using Looper.Core.Models;

namespace Looper.Core.Tests.Models;

public sealed class BehaviourTests
{
    private static readonly Lazy<Trained> Shop = new(() =>
    {
        var trainer = Simulated.Trainer(Simulated.Examples(6_000, seed: 21), out var reading);
        return trainer.Fit(reading.RowsOf(0), null, "by hand", 1, (_, _) => { }, default).Value!;
    });

    [Fact] // truth: from 18 to 80 the chance rises by 0.1·62/80 = 0.0775 whatever the rest
    public void The_curve_of_a_number_follows_the_truth()
    {
        var age = Of("age");
        Assert.True(age.IsNumber);
        var (first, last) = (age.Levels[0], age.Levels[^1]);
        Assert.InRange(last.Prediction - first.Prediction, 0.02, 0.13);
    }

    [Fact]
    public void The_strip_counts_every_row_once()
    {
        Assert.Equal(Of("age").Rows, Of("age").Counts.Sum());
        Assert.Equal(Of("age").Counts.Length + 1, Of("age").Edges.Length);
        Assert.Equal(Of("country").Rows, Of("country").Levels.Sum(l => l.Rows));
        Assert.Equal(["DE", "FR", "NL"], Of("country").Levels.Select(l => l.Text));
    }

    [Fact]
    public void A_row_of_ordinary_values_can_be_asked_about_as_it_is()
    {
        var typical = Shop.Value.Behaviour.Typical.ToDictionary(t => t.Feature, t => t.Value);
        Assert.Equal(4, typical.Count);
        Assert.InRange(double.Parse(typical["age"], System.Globalization.CultureInfo.InvariantCulture), 40, 58);
        Assert.Contains(typical["@option"], new[] { "red", "green", "blue" });
        Assert.Null(Explanation.Of(Shop.Value.Predictor, typical).Refusal);
    }

    [Fact] // identity: the correction is none, so before and after are the same
    public void Before_the_correction_every_row_is_in_one_bin_too()
    {
        var data = Rows();
        var uncorrected = Shop.Value.Predictor with { Calibration = null };
        var behaviour = Behaviour.Of(uncorrected with { Calibration = new PlattCalibration(1, 0) }, new(PredictionTask.Binary), data, [1, 2, 3], Shop.Value.Importance, new HashSet<string>());
        Assert.Equal(3, behaviour.Uncalibrated.Sum(b => b.Rows));
        Assert.Equal(data.Predictions(uncorrected).Order(), behaviour.Uncalibrated.Select(b => b.Predicted));
        Assert.Empty(Behaviour.Of(uncorrected, new(PredictionTask.Binary), data, [1, 2, 3], Shop.Value.Importance, new HashSet<string>()).Uncalibrated);
    }

    [Fact]
    public void Values_marked_personal_are_not_kept()
    {
        var behaviour = Behaviour.Of(Shop.Value.Predictor, new(PredictionTask.Binary), Rows(), [1, 2, 3], Shop.Value.Importance, new HashSet<string> { "country" });
        Assert.DoesNotContain(behaviour.Dependence, d => d.Feature == "country");
        Assert.Equal("", behaviour.Typical.Single(t => t.Feature == "country").Value);
    }

    [Fact]
    public void Nothing_present_has_no_bars_and_no_ordinary_value()
    {
        Assert.Empty(FeatureDependence.Histogram([double.NaN, double.NaN]).Counts);
        Assert.Equal("", TypicalValue.Of(new("age", ColumnKind.Number, []), [double.NaN, double.NaN, 3]));
        var one = FeatureDependence.Histogram([5, 5, 5]);
        Assert.Equal([3], one.Counts);
    }

    [Fact]
    public void An_enormous_value_does_not_squeeze_the_others_into_one_bar()
    {
        var values = Enumerable.Range(0, 1_000).Select(i => (double)i).Append(1e12).ToArray();
        Assert.True(FeatureDependence.Histogram(values).Counts.Count(c => c > 30) > 10);
    }

    private static DataSet Rows() => new(Shop.Value.Predictor.Columns, [[0, 1, 2], [0, 1, 2], [20, 30, 40], [0, 0, 0]], [0, 1, 0]);

    private static FeatureDependence Of(string feature) => Shop.Value.Behaviour.Dependence.Single(d => d.Feature == feature);
}

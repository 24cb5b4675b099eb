using Looper.Core.Models;
using Looper.Core.Monitoring;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Monitoring;

/// <summary>A live model against what came of its decisions.</summary>
public sealed class LiveQualityTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Target Binary = new(PredictionTask.Binary);

    [Fact] // 100 looks at each of 100 models that are right
    public void Of_models_that_are_right_hardly_one_is_ever_called_wrong_however_often_one_looks()
    {
        var (alarmed, excluded) = (0, 0);
        for (var seed = 0; seed < 100; seed++)
        {
            var all = Draw(4_000, seed, p => p);
            LiveQuality[] looks = [.. Enumerable.Range(1, 100).Select(look => Of(all[..(40 * look)]))];
            if (looks.Any(q => q.Condition is not null)) alarmed++;
            if (looks.Any(q => q.Gap.Low > 0 || q.Gap.High < 0)) excluded++;
        }
        Assert.Equal(0, alarmed); // beyond chance, and large enough to matter
        Assert.InRange(excluded, 0, 5);
    }

    [Fact]
    public void A_calibration_that_is_off_by_a_fifth_is_found_within_five_thousand_examples()
    {
        var found = Enumerable.Range(0, 50).Select(seed => Of(Draw(5_000, 1_000 + seed, p => 1.2 * p))).Count(q => q.Condition == LiveQuality.Calibration);
        Assert.InRange(found, 45, 50);
        Assert.Contains("too low since it went live", Of(Draw(5_000, 1_000, p => 1.2 * p)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_surely_off_but_too_little_to_matter_is_said_and_does_not_alarm()
    {
        var off = Of(Draw(40_000, 11, p => p + 0.015));
        Assert.Null(off.Condition);
        Assert.Contains("a little too low", off.Sentence, StringComparison.Ordinal);
        Assert.StartsWith("No sign that model 3 predicts `bought` wrongly", Of(Draw(40_000, 11, p => p)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_worse_than_the_average_is_urgent()
    {
        var quality = Of(Draw(3_000, 5, p => 0.6 - p)); // the same mean, the wrong way round
        Assert.Equal((LiveQuality.WorseThanAverage, AlertWeight.Urgent), (quality.Condition, quality.Weight));
        Assert.True(quality.Gain.High < 0);
    }

    [Fact]
    public void Below_two_hundred_units_there_is_no_figure()
    {
        var quality = Of(Draw(199, 1, p => 3 * p));
        Assert.Null(quality.Condition);
        Assert.True(double.IsNaN(quality.Gap.Mean));
        Assert.Equal("Not enough data: 199 of 200 units with a known outcome since model 3 went live.", quality.Sentence);
        Assert.Equal(0, Of([]).Units);
    }

    [Theory] // of 100 right models that meet more of a rare outcome than where they learned: before it had come, 87, 54 and 13 were called wrong
    [InlineData(0.001), InlineData(0.003), InlineData(0.01)]
    public void A_model_is_not_called_wrong_because_a_rare_outcome_has_not_come_yet(double rate)
    {
        var alarmed = Enumerable.Range(0, 100).Count(seed =>
        {
            var all = Rare(3_000, seed, 1.3 * rate);
            return Enumerable.Range(5, 70).Any(look => LiveQuality.Of(3, "bought", Binary, Start, all[..(40 * look)], average: rate).Condition is not null);
        });
        Assert.InRange(alarmed, 0, 2);
    }

    [Fact]
    public void Of_units_that_all_came_to_the_same_nothing_is_said_until_the_model_foretold_otherwise()
    {
        LiveQuality Nothing(int units, double foretold, PredictionTask task = PredictionTask.Binary) =>
            LiveQuality.Of(3, "bought", new(task), Start, [.. Enumerable.Range(0, units).Select(i => new JudgedExample(Start.AddMinutes(i), 0, foretold * (0.9 + 0.2 * (i % 10) / 9)))], average: foretold);
        var few = Nothing(250, 0.02);
        Assert.Equal((false, 0, null), (few.IsEnough, few.Others, few.Condition));
        Assert.Equal("Not enough data: of 250 units since model 3 went live, 0 of 10 have another outcome than the rest.", few.Sentence);
        Assert.True(double.IsNaN(few.Gap.Mean));
        Assert.Equal(LiveQuality.Calibration, Nothing(250, 0.3).Condition); // seventy-five were foretold
        Assert.Null(Nothing(4_999, 5, PredictionTask.Number).Condition);
        Assert.Equal(LiveQuality.Calibration, Nothing(5_000, 5, PredictionTask.Number).Condition);
        Assert.Equal(LiveQuality.Calibration, Nothing(250, 0.5, PredictionTask.Count).Condition);
    }

    [Fact] // 97 % of outcomes at or below what nine of ten should stay under
    public void A_quantile_with_too_much_below_it_is_too_high()
    {
        var random = new Philox(12, "quantile");
        JudgedExample[] Drawn(double share) => [.. Enumerable.Range(0, 4_000).Select(i => new JudgedExample(Start.AddMinutes(i), random.Uniform() < share ? 1 : 3, 2))];
        LiveQuality Of(double share) => LiveQuality.Of(4, "delivery", new(PredictionTask.Quantile, 0.9), Start, Drawn(share), average: 2);
        var high = Of(0.99);
        Assert.Equal(LiveQuality.Calibration, high.Condition);
        Assert.Contains("predicts `delivery` too high", high.Sentence, StringComparison.Ordinal);
        Assert.Contains("share of outcomes at or below it − its level is 0.0", high.Sentence, StringComparison.Ordinal);
        Assert.Contains("predicts `delivery` too low", Of(0.7).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Days_add_up_by_hand()
    {
        JudgedExample[] examples = [new(Start, 1, 0.5), new(Start.AddHours(1), 0, 0.25), new(Start.AddDays(1), 1, 0.5)];
        var quality = LiveQuality.Of(3, "spent", new(PredictionTask.Number), Start, examples, average: 0.25);
        Assert.Equal([(2, 0.15625, 0.3125, 0.125), (1, 0.25, 0.5625, 0.5)], quality.Days.Select(d => (d.Units, d.Loss, d.AverageLoss, d.Gap)));
        Assert.True(double.IsNaN(quality.Days[1].GapLow));
    }

    private static LiveQuality Of(JudgedExample[] examples) => LiveQuality.Of(3, "bought", Binary, Start, examples, average: 0.3);

    /// <summary>Predictions spread around a small rate, and outcomes that come as often as each says.</summary>
    private static JudgedExample[] Rare(int n, long seed, double rate)
    {
        var random = new Philox(seed, "rare outcome");
        return [.. Enumerable.Range(0, n).Select(i =>
        {
            var p = rate * (0.4 + 1.2 * random.Uniform());
            return new JudgedExample(Start.AddMinutes(i), random.Uniform() < p ? 1 : 0, p);
        })];
    }

    /// <summary>Predictions spread evenly over 0.1 to 0.5; the outcome comes with the chance that <paramref name="truth"/> makes of them.</summary>
    private static JudgedExample[] Draw(int n, long seed, Func<double, double> truth)
    {
        var random = new Philox(seed, "live quality");
        return [.. Enumerable.Range(0, n).Select(i =>
        {
            var p = 0.1 + 0.4 * random.Uniform();
            return new JudgedExample(Start.AddMinutes(i), random.Uniform() < truth(p) ? 1 : 0, p);
        })];
    }
}

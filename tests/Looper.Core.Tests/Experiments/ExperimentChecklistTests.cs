using Looper.Core.Experiments;
using Looper.Core.Statistics;

namespace Looper.Core.Tests.Experiments;

/// <summary>What is said of the size that an experiment needs where no size can be told.</summary>
public sealed class ExperimentChecklistTests
{
    private static readonly ExperimentPlan s_halves = new() { Arms = [new("a", 0.5), new("b", 0.5)] };

    [Theory]
    [InlineData(199, 0.5, 0.25, "Not enough data: 199 of 200 decisions with a closed window.")]
    [InlineData(252, 0, 0, "The outcome was the same, 0, in all of 252 decisions with a closed window, so how much it varies is not known.")]
    [InlineData(252, 1, 0, "The outcome was the same, 1, in all of 252 decisions with a closed window, so how much it varies is not known.")]
    [InlineData(252, 0, 2, "The mean over 252 decisions with a closed window is 0, of which no change is a share.")]
    public void Where_no_size_can_be_told_it_is_told_why(int count, double mean, double variance, string sentence)
    {
        var item = ExperimentChecklist.Size(s_halves, ExperimentChecklist.Estimate(s_halves, new(count, mean, variance * (count - 1), double.NaN), new(100, 1)));
        Assert.Equal((HealthState.Amber, sentence), (item.State, item.Sentence));
        Assert.NotNull(item.Fix);
    }

    [Fact] // by hand: the same units take 1/(traffic · (1 − holdout)) as many that come, and t days of A·t^B
    public void The_days_it_takes_know_who_takes_part_and_that_units_return()
    {
        var seen = new Moments(1_000, 0.2, 0.16 * 999, double.NaN);
        double Days(ExperimentPlan plan, UnitGrowth come) => ExperimentChecklist.Estimate(plan, seen, come, wholeWeeks: false).Days;
        var days = Days(s_halves, new(1_000, 1));
        Assert.Equal(5 * days, Days(s_halves with { Traffic = 0.25, Holdout = 0.2 }, new(1_000, 1)), days * 1e-12);
        var units = 2 * ExperimentChecklist.Estimate(s_halves, seen, new(1_000, 1)).UnitsPerArm;
        Assert.Equal(7 * Math.Ceiling(Math.Pow(units / 100_000, 2) / 7), ExperimentChecklist.Estimate(s_halves, seen, new(100_000, 0.5)).Days);
    }

    [Theory] // by hand: at that size the change lies as many standard errors from none as the interval is wide, and the power's quantile on top
    [InlineData(null, 5_000)]
    [InlineData(400_000.0, 400_000)]
    public void The_size_of_an_always_valid_reading_knows_where_it_is_sharpest(double? planned, double tuned)
    {
        var plan = s_halves with { PlannedUnits = planned };
        var units = 2 * ExperimentChecklist.Estimate(plan, new(1_000, 0.05, 0.0475 * 999, double.NaN), new(1_000, 1)).UnitsPerArm;
        Assert.Equal(ConfidenceSequence.Critical(units, tuned, 0.95) + TailProbability.NormalQuantile(0.8), plan.SmallestChange * 0.05 / Math.Sqrt(4 * 0.0475 / units), 1e-4);
    }

    [Theory]
    [InlineData(null, HealthState.Green)]
    [InlineData(30, HealthState.Green)]
    [InlineData(7, HealthState.Amber)]
    public void An_end_that_is_planned_before_the_size_is_reached_is_told(int? planned, HealthState expected)
    {
        var item = ExperimentChecklist.Size(s_halves with { PlannedDays = planned }, new(0.2, 0.4, 10_000, 28, 700, 1_000));
        Assert.Equal(expected, item.State);
        Assert.Equal(expected == HealthState.Amber, item.Sentence.EndsWith("about 28 days at the present pace. It is planned to end after 7 days.", StringComparison.Ordinal));
    }
}

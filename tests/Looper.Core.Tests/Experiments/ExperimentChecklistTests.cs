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
}

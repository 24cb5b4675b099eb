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
        var item = ExperimentChecklist.Size(s_halves, ExperimentChecklist.Estimate(s_halves, new(count, mean, variance * (count - 1), double.NaN), pace: 100));
        Assert.Equal((HealthState.Amber, sentence), (item.State, item.Sentence));
        Assert.NotNull(item.Fix);
    }
}

using Looper.Core.Experiments;
using Looper.Web.Console.Experiments;

namespace Looper.Web.Tests.Console.Experiments;

public sealed class ExperimentWordsTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 1, 8, 0, 0, TimeSpan.Zero);

    private static ExperimentView Of(ExperimentPlan plan, DateTimeOffset? stopped = null) => new()
    {
        Id = default, Key = "banner-q4", Name = "Banner", DecisionPointId = default, DecisionPoint = "banner", State = ExperimentState.Draft, Plan = plan, CreatedAt = default, CreatedBy = "engineer",
        Revision = 1, StartedAt = s_start, StoppedAt = stopped,
    };

    private static ExperimentPlan Plan => Measured.Plan with { Traffic = 0.5 };

    [Fact]
    public void A_start_says_how_many_get_an_arm_at_first_and_in_the_end()
    {
        Assert.StartsWith("50.0% of the units of banner get an arm from now on: 50.0% control (", ExperimentWords.Start(Of(Plan))[0], StringComparison.Ordinal);
        var ramped = Plan with { Ramp = [new(0.05, 24), new(0.2, 24)] };
        Assert.StartsWith("5.0% of the units of banner get an arm from now on, then up to 50.0%: 50.0% control (", ExperimentWords.Start(Of(ramped))[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_stopped_one_ran_for_the_days_that_were_planned_and_a_running_one_may_be_past_them()
    {
        var plan = Plan with { PlannedDays = 14 };
        Assert.Equal("14 of 14", ExperimentWords.Day(Of(plan, stopped: s_start.AddDays(14)), s_start.AddDays(20)));
        Assert.Equal("1 of 14", ExperimentWords.Day(Of(plan, stopped: s_start.AddHours(1)), s_start.AddDays(20)));
        Assert.Equal("1 of 14", ExperimentWords.Day(Of(plan), s_start.AddHours(1)));
        Assert.Equal("14 of 14", ExperimentWords.Day(Of(plan), s_start.AddDays(13.5)));
        Assert.Equal("15, planned 14", ExperimentWords.Day(Of(plan), s_start.AddDays(14)));
    }

    [Fact]
    public void A_start_says_how_long_an_arm_is_kept()
    {
        Assert.Contains("A unit keeps its arm.", ExperimentWords.Start(Of(Plan)));
        Assert.Contains("A unit keeps its arm until shares change.", ExperimentWords.Start(Of(Plan with { Bandit = new(0.1, 24) })));
        Assert.Contains("Everybody has the same arm for 60 minutes.", ExperimentWords.Start(Of(Plan with { Switchback = new(60) })));
    }
}

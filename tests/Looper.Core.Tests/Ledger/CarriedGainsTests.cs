using Looper.Core.Ledger;
using Looper.Core.Policies;

namespace Looper.Core.Tests.Ledger;

/// <summary>What retention has removed stays in the ledger.</summary>
public sealed class CarriedGainsTests
{
    private static readonly DateTimeOffset s_day = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gain s_goal = new() { Method = "m", MeasuredAt = s_day, Goal = "purchase" };

    private static Estimated Of(double value, double half) => new(value, half / 2, value - half, value + half);

    private static readonly Gain s_before = s_goal with
    {
        Since = s_day, Until = s_day.AddDays(30), Decisions = 3_000, Total = Of(300, 60),
        Course = [new(s_day.AddDays(10), Of(100, 40), 1_000, 5), new(s_day.AddDays(20), Of(200, 50), 2_000, 6), new(s_day.AddDays(30), Of(300, 60), 3_000, 7)],
    };

    [Fact]
    public void The_gain_up_to_the_first_end_of_a_day_from_which_all_is_kept_is_carried_and_added()
    {
        var carried = CarriedGains.Of(s_before, s_goal, s_day.AddDays(15), s_day)!;
        Assert.Equal(new(s_day, s_day.AddDays(20), Of(200, 50), 2_000, 6), carried.Gain);
        Assert.Equal([s_day.AddDays(10), s_day.AddDays(20)], carried.Course.Select(p => p.Until));
        var later = s_goal with { Since = s_day.AddDays(20), Decisions = 1_500, Unmeasured = 4, Total = Of(150, 30), PerDecision = Of(0.1, 0.02), Course = [new(s_day.AddDays(40), Of(150, 30), 1_500, 4)] };
        var both = CarriedGains.Add(carried, later);
        Assert.Equal((3_500, 10, 350.0, 270.0, 430.0), (both.Decisions, both.Unmeasured, both.Total.Value, both.Total.Low, both.Total.High)); // errors added up
        Assert.Equal(0.1, both.PerDecision.Value, 12);
        Assert.Equal([100.0, 200, 350], both.Course.Select(p => p.Total.Value));
        Assert.Equal(carried.Gain, both.Carried);
        // and again, when that has gone too
        var next = CarriedGains.Of(both, s_goal, s_day.AddDays(35), s_day)!;
        Assert.Equal((s_day, s_day.AddDays(40), 350.0), (next.Gain.Since, next.Gain.Until, next.Gain.Total.Value));
    }

    [Fact]
    public void A_gain_that_is_only_carried_is_one()
    {
        var both = CarriedGains.Add(CarriedGains.Of(s_before, s_goal, s_day.AddDays(15), s_day)!, s_goal with { WhyNot = GainWords.NothingClosed });
        Assert.Equal((true, 200.0), (both.IsMeasured, both.Total.Value));
        var nothing = CarriedGains.Add(new(new(s_day, s_day.AddDays(1), Estimated.Undefined, 0, 9), []), s_goal with { WhyNot = GainWords.NobodyKept });
        Assert.Equal((GainWords.NobodyKept, 9L, true), (nothing.WhyNot, nothing.Unmeasured, double.IsNaN(nothing.Total.Value)));
    }

    [Fact]
    public void Nothing_is_carried_while_all_is_kept_after_a_clearing_or_from_another_goal()
    {
        Assert.Null(CarriedGains.Of(s_before, s_goal, s_day, s_day));
        Assert.Null(CarriedGains.Of(s_before, s_goal, s_day.AddDays(15), s_day.AddDays(12))); // cleared, and begun again
        Assert.Null(CarriedGains.Of(s_before, s_goal, s_day.AddDays(15), null));
        Assert.Null(CarriedGains.Of(s_before, s_goal with { Goal = "click" }, s_day.AddDays(15), s_day));
        Assert.Null(CarriedGains.Of(s_before, s_goal with { LowerIsBetter = true }, s_day.AddDays(15), s_day));
    }
}

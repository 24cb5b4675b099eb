using Looper.Core.Monitoring;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Monitoring;

public sealed class JoinRateTests
{
    private static readonly JoinDay[] Usual = [.. Enumerable.Range(0, 14).Select(i => new JoinDay(1_000, 100 + (i % 3)))];

    [Fact]
    public void Silence_alarms_and_little_does_not()
    {
        var silent = JoinRate.Of("purchase", new(1_000, 0), Usual);
        Assert.Equal((JoinRate.Low, AlertWeight.Urgent), (silent.Condition, silent.Weight));
        Assert.Equal("`purchase` was reported for 0.0% of 1,000 units whose window closed in the last day; 10.1% are usual. Check that your app still reports it, with the id of the decision.", silent.Sentence);
        Assert.Equal((JoinRate.Low, AlertWeight.Warn), (JoinRate.Of("purchase", new(4_000, 240), Usual) is var fewer ? fewer.Condition : null, fewer.Weight));
        Assert.Null(JoinRate.Of("purchase", new(1_000_000, 90_000), Usual).Condition); // certain, and too little to matter
        Assert.Null(JoinRate.Of("purchase", new(250, 19), Usual).Condition); // large, and may be chance
        Assert.Null(JoinRate.Of("purchase", new(1_000, 300), Usual).Condition); // more is no alarm
    }

    // Sums of the beta-binomial in exact fractions (Python): 4.0e-6, 4.1e-7, 2.3e-7, 6.3e-7, 1.6e-7, against 2.9e-7. By a normal rate all of them are five errors away.
    [Theory, InlineData(200, 124, false), InlineData(200, 120, false), InlineData(200, 119, true), InlineData(300, 188, false), InlineData(300, 185, true)]
    public void Few_units_alarm_by_their_exact_chance(int closed, int joined, bool alarms)
    {
        JoinDay[] days = [.. Enumerable.Repeat(new JoinDay(50, 40), 7)];
        Assert.Equal(alarms, JoinRate.Of("delivered", new(closed, joined), days).Condition is not null);
    }

    [Fact]
    public void What_days_differ_by_is_no_alarm()
    {
        JoinDay[] weeks = [.. Enumerable.Range(0, 14).Select(i => new JoinDay(1_000, i % 7 > 4 ? 40 : 100))];
        Assert.Null(JoinRate.Of("purchase", new(4_000, 160), weeks).Condition);
        Assert.Equal(JoinRate.Low, JoinRate.Of("purchase", new(4_000, 160), Usual).Condition);
    }

    [Fact]
    public void What_was_always_reported_may_once_be_late()
    {
        JoinDay[] always = [.. Enumerable.Repeat(new JoinDay(1_000, 1_000), 14)];
        Assert.Null(JoinRate.Of("delivered", new(1_000, 990), always).Condition);
        Assert.Equal(JoinRate.Low, JoinRate.Of("delivered", new(1_000, 700), always).Condition);
    }

    [Fact]
    public void With_too_little_data_there_is_no_figure()
    {
        Assert.True(double.IsNaN(JoinRate.Of("purchase", new(JoinRate.FewestUnits - 1, 0), Usual).Usual));
        Assert.True(double.IsNaN(JoinRate.Of("purchase", new(1_000, 0), Usual[..(JoinRate.FewestDays - 1)]).Usual));
        Assert.True(double.IsNaN(JoinRate.Of("purchase", new(1_000, 0), [.. Usual.Select(_ => new JoinDay(JoinRate.FewestOfDay - 1, 10))]).Usual));
        Assert.True(double.IsNaN(JoinRate.Of("purchase", new(1_000, 0), [.. Usual.Select(d => d with { Joined = 0 })]).Usual)); // never reported: nothing has changed
        Assert.True(double.IsNaN(JoinRate.Of("purchase", default, []).Now));
    }

    [Fact]
    public void An_alarmed_span_is_no_part_of_what_is_usual()
    {
        var now = new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
        JoinDay[] ended = [new(1_000, 0), .. Enumerable.Repeat(new JoinDay(1_000, 100), 20)]; // silent yesterday
        JoinRate Look(params AlarmedSpan[] alarmed) => JoinRate.Of("purchase", new(1_000, 0), [.. JoinRate.DaysBefore(now, alarmed).Select(ago => ended[ago - 1])]);
        Assert.Null(Look().Condition); // one silent day hides another
        Assert.Equal(JoinRate.Low, Look(new AlarmedSpan(now.AddDays(-1).AddHours(-2), null)).Condition);
        Assert.Equal(JoinRate.Low, Look(new AlarmedSpan(now.AddDays(-2).AddHours(8), now.AddDays(-1).AddHours(1))).Condition);
        Assert.Equal(Enumerable.Range(1, 14), JoinRate.DaysBefore(now, []));
        Assert.Equal([1, 2, 7, .. Enumerable.Range(8, 11)], JoinRate.DaysBefore(now, [new(now.AddDays(-5).AddHours(-1), now.AddDays(-4).AddHours(1)), new(now.AddDays(-5), now.AddDays(-3).AddMinutes(-1))]));
        Assert.Equal(Enumerable.Range(1, 14), JoinRate.DaysBefore(now, [new(now.AddDays(-29), null)])); // so for four weeks
    }

    [Fact] // five errors of fourteen days are passed by chance less than once in 4,000 (Student, 13 degrees of freedom); half the rate is eight of them away
    public void Days_that_differ_seldom_alarm_and_half_the_rate_always_does()
    {
        var random = new Philox(11, "join-rate");
        JoinDay Day(double rate, double spread)
        {
            var own = rate * (1 + (spread * random.Normal()));
            return new(4_000, (int)Math.Clamp(Math.Round((4_000 * own) + (Math.Sqrt(4_000 * own * (1 - own)) * random.Normal())), 0, 4_000));
        }
        var (wrong, found) = (0, 0);
        for (var i = 0; i < 2_000; i++)
        {
            JoinDay[] wild = [.. Enumerable.Range(0, 15).Select(_ => Day(0.1, 0.15))], calm = [.. Enumerable.Range(0, 14).Select(_ => Day(0.1, 0.03))];
            if (JoinRate.Of("purchase", wild[0], wild[1..]).Condition is not null) wrong++;
            if (JoinRate.Of("purchase", Day(0.05, 0.03), calm).Condition is not null) found++;
        }
        Assert.InRange(wrong, 0, 4);
        Assert.InRange(found, 1_980, 2_000);
    }
}

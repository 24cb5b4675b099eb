using Looper.Core.Costs;
using Looper.Core.Ledger;
using Looper.Core.Policies;

namespace Looper.Core.Tests.Ledger;

public sealed class GainMoneysTests
{
    private static readonly DateOnly s_day = new(2026, 5, 1);

    private static readonly Gain s_gain = new() { Method = "m", MeasuredAt = default, Goal = "purchase", Total = new(30, 5, 20, 40) };

    private static CostOverview Spent(DateOnly? counted, params CostView[] entries) => new(s_day, s_day.AddDays(9), counted, new("EUR"), 0, [.. entries], []);

    private static CostView Entry(double? features) => new("banner", "Banner", false, 1, 0, 0, 0, 0, null, new(0, 0, 0, 0), new(features, null, null));

    [Fact]
    public void A_net_is_told_where_costs_were_counted_all_the_time_and_else_why_not()
    {
        var net = GainMoneys.Of(s_gain, 10, "EUR", Spent(s_day, Entry(50)));
        Assert.Equal((300, 50.0, 250, 150, 350, null), (net.Gain.Value, net.Cost, net.Net.Value, net.Net.Low, net.Net.High, net.WhyNoNet));
        var reasons = new[] { Spent(s_day.AddDays(40)), Spent(s_day.AddDays(2), Entry(50)), Spent(s_day, Entry(null)), Spent(null) }.Select(s => GainMoneys.Of(s_gain, 10, "EUR", s)).ToList();
        Assert.Equal(
            ["Costs are counted since 2026-06-10, the gain since 2026-05-01.", "Costs are counted since 2026-05-03, the gain since 2026-05-01.", "Nothing that it needs has a price.", "No cost has been counted yet."],
            reasons.Select(m => m.WhyNoNet));
        Assert.All(reasons, m => Assert.True(double.IsNaN(m.Net.Value)));
    }
}

using System.Globalization;
using Looper.Core.Costs;
using Looper.Core.Policies;

namespace Looper.Core.Ledger;

/// <summary>Puts a gain beside what it cost.</summary>
internal static class GainMoneys
{
    /// <summary>What one of the goal is worth; null where nobody has said so.</summary>
    public static double? Each(string decisionPoint, Gain gain, Prices prices) => prices.WorthOf(gain.IsWeighted ? $"{decisionPoint}:{gain.Goal}" : gain.Goal, gain.UnitOfMeasure);

    /// <param name="gain">Measured.</param>
    /// <param name="each">Worth of one of its goal.</param>
    /// <param name="spent">On the decision point alone, over the days of the gain.</param>
    public static GainMoney Of(Gain gain, double each, string currency, CostOverview spent)
    {
        var money = new Estimated(each * gain.Total.Value, each * gain.Total.StandardError, each * gain.Total.Low, each * gain.Total.High);
        var cost = spent.Entries.FirstOrDefault(e => e.DecisionPoint is not null)?.Amounts.Total;
        var whyNot = WhyNoNet(cost, spent);
        return new(
            currency, money, cost, spent.From > spent.CountedSince ? spent.From : spent.CountedSince, spent.Until,
            whyNot is null ? money with { Value = money.Value - cost!.Value, Low = money.Low - cost.Value, High = money.High - cost.Value } : Estimated.Undefined, whyNot);
    }

    private static string? WhyNoNet(double? cost, CostOverview spent) =>
        spent.CountedSince is not { } counted ? "No cost has been counted yet."
        : counted > spent.From ? string.Create(CultureInfo.InvariantCulture, $"Costs are counted since {counted:yyyy-MM-dd}, the gain since {spent.From:yyyy-MM-dd}.")
        : cost is null ? "Nothing that it needs has a price." : null;
}

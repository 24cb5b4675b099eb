using System.Globalization;
using Looper.Core.Costs;
using Looper.Core.Policies;

namespace Looper.Core.Ledger;

/// <summary>Puts a gain beside what it cost.</summary>
internal static class GainMoneys
{
    /// <param name="spent">Since costs are counted.</param>
    /// <returns>Null where nothing is measured, or nobody has said what one of the goal is worth.</returns>
    public static GainMoney? Of(string decisionPoint, Gain gain, CostOverview spent)
    {
        if (!gain.IsMeasured || spent.Prices.WorthOf(LedgerView.WorthKeyOf(decisionPoint, gain), gain.UnitOfMeasure) is not { } each) return null;
        var money = Scale(gain.Total, each);
        var cost = spent.Entries.FirstOrDefault(e => e.DecisionPoint == decisionPoint)?.Amounts.Total;
        var whyNot = WhyNoNet(gain, cost, spent);
        return new(
            spent.Prices.Currency, money, cost, spent.CountedSince,
            whyNot is null ? money with { Value = money.Value - cost!.Value, Low = money.Low - cost.Value, High = money.High - cost.Value } : Estimated.Undefined, whyNot);
    }

    private static string? WhyNoNet(Gain gain, double? cost, CostOverview spent)
    {
        if (cost is null || spent.CountedSince is not { } counted) return "Nothing that it needs has a price.";
        var since = DateOnly.FromDateTime(gain.Since!.Value.UtcDateTime);
        return counted <= since ? null : string.Create(CultureInfo.InvariantCulture, $"Costs are counted since {counted:yyyy-MM-dd}, the gain since {since:yyyy-MM-dd}.");
    }

    private static Estimated Scale(Estimated one, double by) => new(by * one.Value, by * one.StandardError, by * one.Low, by * one.High);
}

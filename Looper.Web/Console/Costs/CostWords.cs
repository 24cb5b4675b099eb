using Looper.Core.Costs;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Costs;

/// <summary>Costs as pages write them.</summary>
internal static class CostWords
{
    private const double Least = 0.0001;

    /// <summary>Processor time; nothing measured is a dash.</summary>
    public static string Seconds(double seconds) => seconds <= 0 ? Shown.Nothing : Shown.Duration(TimeSpan.FromSeconds(seconds));

    /// <summary>An amount that may be far below a cent, where a bound says as much as more digits.</summary>
    public static string Amount(double? amount, string currency) => amount switch
    {
        null => Shown.Nothing,
        > 0 and < Least => $"under {Shown.Amount(Least, currency)}",
        > 0 and < 0.995 => Shown.Amount(amount.Value, currency),
        _ => Shown.Money(amount.Value, currency),
    };

    /// <summary>Which of the prices are missing, in a sentence; null where none is.</summary>
    public static string? Missing(Prices prices) => (prices.ProcessorHour, prices.GigabyteMonth) switch
    {
        (null, null) => "Neither processor time nor storage has a price, so amounts are those of features alone.",
        (null, _) => "Processor time has no price, so it is in no amount.",
        (_, null) => "Storage has no price, so it is in no amount.",
        _ => null,
    };
}

using Looper.Core.Ledger;
using Looper.Core.Policies;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Ledger;

/// <summary>Gains as pages write them: a number with its interval, or a dash.</summary>
public static class LedgerWords
{
    public static string Total(Estimated total) => double.IsNaN(total.Value) ? Shown.Nothing : Shown.Difference(total.Value, total.Low, total.High);

    /// <summary>By a thousand decisions, in the goal's unit.</summary>
    public static string PerThousand(Estimated one, string? unit) =>
        double.IsNaN(one.Value) ? Shown.Nothing : Shown.Difference(1_000 * one.Value, 1_000 * one.Low, 1_000 * one.High, unit);

    public static string Relative(Estimated part) => double.IsNaN(part.Value) ? Shown.Nothing : Shown.Effect(part.Value, part.Low, part.High);

    /// <summary>With its interval.</summary>
    public static string Money(Estimated amount, string currency) =>
        double.IsNaN(amount.Value) ? Shown.Nothing : Shown.Difference(amount.Value, amount.Low, amount.High, currency);

    public static string Baseline(double mean, bool isRate) => isRate ? Shown.Percent(mean) : Shown.Number(mean);

    public static string Source(GainSource source) => source switch
    {
        GainSource.Holdout => "Holdout",
        GainSource.Rollout => "Outside the rollout",
        _ => "Not measured",
    };

    public static string Versions(GainStretch stretch) => stretch.FirstVersion == stretch.LastVersion ? $"{stretch.FirstVersion}" : $"{stretch.FirstVersion} to {stretch.LastVersion}";

    /// <summary>What the newest decisions are measured against; null where nothing is known of them.</summary>
    public static GainStretch? Newest(Gain? gain) => gain?.Stretches.MaxBy(s => s.Until);
}

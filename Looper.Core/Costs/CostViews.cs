using System.Collections.Immutable;

namespace Looper.Core.Costs;

/// <summary>Seconds of processor time by what they went into.</summary>
public sealed record ProcessorSeconds(double Serving, double Storage, double Training, double Analysis)
{
    public double Total => Serving + Storage + Training + Analysis;
}

/// <summary>Amounts in the currency of <see cref="Prices"/>. Null where there is no price.</summary>
/// <param name="Features">What the app paid for the values of features that state a cost; null where none does.</param>
public sealed record Amounts(double? Features, double? Processor, double? Storage)
{
    /// <summary>Of what has a price; null where nothing has.</summary>
    public double? Total => Features is null && Processor is null && Storage is null ? null : (Features ?? 0) + (Processor ?? 0) + (Storage ?? 0);
}

/// <summary>What one decision point took in a time.</summary>
/// <param name="DecisionPoint">Its key; null for those that are gone, taken together.</param>
/// <param name="Bytes">Of decisions written in the time.</param>
/// <param name="StoredBytes">Of decisions kept at its end, without indexes.</param>
/// <param name="GigabyteMonths">Gigabytes times months they were kept for in the time.</param>
/// <param name="FeaturesPerThousand">Cost of obtaining what a thousand decisions are sent, by the current version; null where no feature states a cost.</param>
public sealed record CostView(
    string? DecisionPoint, string Name, bool IsSimulated, long Decisions, long Outcomes, long Bytes, double StoredBytes, double GigabyteMonths, double? FeaturesPerThousand, ProcessorSeconds Seconds, Amounts Amounts)
{
    /// <summary>Amount a thousand decisions; null without any, or without prices.</summary>
    public double? PerThousand => Decisions == 0 ? null : 1_000 * Amounts.Total / Decisions;
}

/// <summary>What a week's work took, of all decision points together.</summary>
/// <param name="From">Its Monday, or the first day asked for.</param>
public sealed record CostWeek(DateOnly From, ProcessorSeconds Seconds, Amounts Amounts);

/// <summary>What decision points took in a time, and what the installation took beside.</summary>
/// <param name="From">First day, UTC.</param>
/// <param name="Until">Last day.</param>
/// <param name="CountedSince">The first day that anything was counted on; null while nothing has been.</param>
/// <param name="ProcessSeconds">Processor time of all of Looper's processes, measured by the system.</param>
public sealed record CostOverview(
    DateOnly From, DateOnly Until, DateOnly? CountedSince, Prices Prices, double ProcessSeconds, ImmutableArray<CostView> Entries, ImmutableArray<CostWeek> Weeks)
{
    /// <summary>What is of no decision point: the web server and the console, looks at what is to be done, collection of garbage, and calls' way in and out.</summary>
    public double NotAttributedSeconds => Math.Max(0, ProcessSeconds - Entries.Sum(e => e.Seconds.Total));

    /// <summary>Null without a price.</summary>
    public double? NotAttributed => Prices.ProcessorHour * NotAttributedSeconds / 3_600;
}

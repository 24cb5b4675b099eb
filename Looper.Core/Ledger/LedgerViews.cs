using System.Collections.Immutable;
using Looper.Core.Policies;

namespace Looper.Core.Ledger;

/// <summary>One decision point in the ledger.</summary>
/// <param name="Gain">Null until it was measured.</param>
/// <param name="WhyNot">Why there is no gain to show; null where there is.</param>
/// <param name="Run">The measurement that was asked for and has not ended; null without one.</param>
public sealed record LedgerView(string DecisionPoint, string Name, bool IsSimulated, Gain? Gain, string? WhyNot, Guid? Run)
{
    /// <summary>In one sentence.</summary>
    public string Sentence => GainWords.Sentence(Gain, WhyNot);

    /// <summary>The gain in money, beside what it cost; null where the goal has no worth, or nothing is measured.</summary>
    public GainMoney? Money { get; init; }
}

/// <summary>A gain in money.</summary>
/// <param name="Cost">Of what has a price, over the days of the gain; null where nothing has.</param>
/// <param name="CostSince">The first of those days that was counted.</param>
/// <param name="CostUntil">The last.</param>
/// <param name="Net">The gain less the cost, where costs were counted on all of its days.</param>
/// <param name="WhyNoNet">Null where there is one.</param>
public sealed record GainMoney(string Currency, Estimated Gain, double? Cost, DateOnly? CostSince, DateOnly CostUntil, Estimated Net, string? WhyNoNet);

/// <summary>Gains of decision points with the same goal, added up.</summary>
/// <param name="Goal">What is added: an outcome's name.</param>
/// <param name="DecisionPoints">Their keys.</param>
/// <param name="Total">With the interval of a sum of independent errors; of one decision point its own.</param>
public sealed record LedgerTotal(
    string Goal, string? UnitOfMeasure, bool LowerIsBetter, bool IsSimulated, ImmutableArray<string> DecisionPoints, Estimated Total, long Decisions, DateTimeOffset Since)
{
    /// <summary>What adding assumes, in sentences.</summary>
    public ImmutableArray<string> Assumes { get; init; } = [];
}

/// <summary>What every decision point has brought since it began to decide.</summary>
/// <param name="Entries">By name.</param>
/// <param name="Totals">Of goals that are alike; those of simulated decision points apart.</param>
public sealed record LedgerOverview(ImmutableArray<LedgerView> Entries, ImmutableArray<LedgerTotal> Totals);

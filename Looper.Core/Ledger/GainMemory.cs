using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Policies;
using Looper.Core.Statistics;

namespace Looper.Core.Ledger;

/// <summary>What was counted of a stretch.</summary>
/// <param name="Number">Of its two cells; −1 where nothing of it can be measured.</param>
internal sealed record StretchState(Lot Lot, int Number, DateTimeOffset From, DateTimeOffset Until, int FirstVersion, int LastVersion, long Decisions);

/// <summary>Everything counted of the decisions before a moment: sums, of which no unit can be told.</summary>
/// <param name="Until">Decisions from then on are not in it. All before are certain.</param>
/// <param name="Shift">Was taken off every value.</param>
internal sealed record CountState(DateTimeOffset Until, double Shift, ImmutableArray<StretchState> Stretches, StoredCellSums Sums, long Beyond);

/// <summary>What the next measurement needs of the decisions that it may no longer be able to read.</summary>
/// <param name="Goal">What was counted, see <see cref="GoalOf"/>.</param>
/// <param name="KeptSince">Decisions before it may have been removed, at the time or at any before.</param>
/// <param name="Carried">Of the decisions that were not read again; null where all were.</param>
/// <param name="ReadFrom">The first decision that was read; null where there was none.</param>
/// <param name="All">Both together.</param>
internal sealed record GainMemory(string Goal, DateTimeOffset KeptSince, CountState? Carried, DateTimeOffset? ReadFrom, CountState All)
{
    /// <summary>What is taken over by a measurement that can read from then on: all that was counted, once some of what was read is gone. So units are told apart within what is kept at least.</summary>
    public CountState? For(DateTimeOffset keptSince) => ReadFrom >= keptSince || ReadFrom is null ? Carried : All;

    /// <summary>Counts of two goals that are the same may be added: the same outcomes, joined in the same way, with the same weights. How it is written does not matter, nor the unit of measure.</summary>
    public static string GoalOf(GoalReward reward, BlueprintContent content) => string.Join(';', reward.Outcomes[..reward.Needed].OrderBy(o => o.Name, StringComparer.Ordinal).Select(o => FormattableString.Invariant(
        $"{o.Name}|{o.Kind}|{o.Window.Ticks}|{o.Aggregation}|{o.Absent:R}|{o.Better}|{(reward.Needed == 1 ? 1 : content.Goal.Terms.First(t => t.Outcome == o.Name).Weight):R}")));
}

/// <summary>A measurement: what is shown, and what the next one needs; that is null where nothing could be counted.</summary>
public sealed class MeasuredGain
{
    public MeasuredGain(Gain gain) => Gain = gain;

    internal MeasuredGain(Gain gain, GainMemory? memory) => (Gain, Memory) = (gain, memory);

    public Gain Gain { get; }

    internal GainMemory? Memory { get; }
}

using System.Collections.Immutable;
using Looper.Core.Policies;
using Looper.Core.Statistics;

namespace Looper.Core.Ledger;

/// <summary>Makes a gain of what was counted.</summary>
internal static class CountedGain
{
    /// <param name="start">Of the goal.</param>
    /// <param name="parts">The same decisions, each with the units of its part.</param>
    /// <param name="shift">Was taken off every value.</param>
    public static Gain Of(Gain start, IReadOnlyList<GainCount> parts, double shift)
    {
        var first = parts[0];
        var sums = Together(parts.Select(p => p.Sums));
        var measured = Measured(first.Stretches, sums);
        var total = HeldOutGain.Of(sums, Cells(measured), shift, Gain.Level);
        var decisions = Decisions([.. first.Stretches.Select((_, i) => parts.Sum(p => p.Stretches[i].Decisions))], first.Stretches, measured);
        return start with
        {
            Since = first.Stretches.Count == 0 ? null : first.Stretches.Min(s => s.From),
            Until = first.Stretches.Count == 0 ? null : first.Stretches.Max(s => s.Until),
            Decisions = decisions.Measured,
            Unmeasured = decisions.Unmeasured + first.Beyond,
            Total = Estimate(total.Total),
            PerDecision = Estimate(total.PerDecision),
            Relative = Relative(total),
            Baseline = total.Baseline * (start.LowerIsBetter ? -1 : 1),
            WhyNot = WhyNot(first, sums, measured, total),
            Stretches = [.. first.Stretches.Select((s, i) => Stretch(s, parts.Sum(p => p.Stretches[i].Decisions), sums, shift, start.LowerIsBetter))],
            Course = [.. Enumerable.Range(0, first.Course.Count).Select(day => Day(first, [.. parts.Select(p => p.Course[day])], shift))],
        };
    }

    /// <summary>Why nothing is measured, in the words of the newest stretch; null where something is.</summary>
    private static string? WhyNot(GainCount count, CellSums sums, List<CountedStretch> measured, in HeldOutGain total) =>
        measured.Count > 0 ? (total.Total.IsDefined ? null : GainWords.Undefined(total.Total.Why))
        : count.Stretches.MaxBy(s => s.Until) is not { } newest ? GainWords.NothingClosed
        : newest.Lot.WhyNot ?? GainWords.TooFew(sums.Units(newest.Cells.HeldOut));

    private static GainStretch Stretch(CountedStretch stretch, long decisions, CellSums sums, double shift, bool lowerIsBetter)
    {
        var (lot, cells) = (stretch.Lot, stretch.Cells);
        var own = HeldOutGain.Of(sums, [cells], shift, Gain.Level);
        var kept = sums.Units(cells.HeldOut);
        var whyNot = lot.WhyNot ?? (kept < Gain.LeastKept ? GainWords.TooFew(kept) : own.Total.IsDefined ? null : GainWords.Undefined(own.Total.Why));
        return new()
        {
            From = stretch.From,
            Until = stretch.Until,
            FirstVersion = stretch.FirstVersion,
            LastVersion = stretch.LastVersion,
            Source = whyNot is null ? lot.Source : GainSource.NotMeasured,
            WhyNot = whyNot,
            Kept = lot.Below,
            Decisions = decisions,
            Units = sums.Units(cells.Decided),
            KeptDecisions = (long)sums.Count(cells.HeldOut),
            KeptUnits = kept,
            Baseline = kept == 0 ? double.NaN : ((sums.Value(cells.HeldOut) / sums.Count(cells.HeldOut)) + shift) * (lowerIsBetter ? -1 : 1),
            PerDecision = whyNot is null ? Estimate(own.PerDecision) : Estimated.Undefined,
            Total = whyNot is null ? Estimate(own.Total) : Estimated.Undefined,
            Relative = whyNot is null ? Relative(own) : Estimated.Undefined,
        };
    }

    // As it could be told by then: a stretch counts from the day on which enough units have kept the baseline.
    private static GainPoint Day(GainCount count, CountedUntil[] parts, double shift)
    {
        var sums = Together(parts.Select(p => p.Sums));
        var stretches = count.Stretches.Take(parts[0].Decisions.Length).ToList();
        var measured = Measured(stretches, sums);
        var decisions = Decisions([.. stretches.Select((_, i) => parts.Sum(p => p.Decisions[i]))], stretches, measured);
        return new(parts[0].Until, Estimate(HeldOutGain.Of(sums, Cells(measured), shift, Gain.Level).Total), decisions.Measured, decisions.Unmeasured);
    }

    private static List<CountedStretch> Measured(IReadOnlyList<CountedStretch> stretches, CellSums sums) =>
        [.. stretches.Where(s => s.Lot.WhyNot is null && sums.Units(s.Cells.HeldOut) >= Gain.LeastKept && sums.Count(s.Cells.Decided) > 0)];

    private static HeldOutStretch[] Cells(List<CountedStretch> stretches) => [.. stretches.Select(s => s.Cells)];

    private static (long Measured, long Unmeasured) Decisions(ImmutableArray<long> decisions, IReadOnlyList<CountedStretch> stretches, List<CountedStretch> measured)
    {
        long inside = 0, outside = 0;
        for (var i = 0; i < decisions.Length; i++)
        {
            if (measured.Contains(stretches[i])) inside += decisions[i];
            else outside += decisions[i];
        }
        return (inside, outside);
    }

    private static CellSums Together(IEnumerable<CellSums> parts)
    {
        var all = parts.ToList();
        var sums = all[0].Widened(all.Max(p => p.Cells));
        foreach (var part in all.Skip(1)) sums.Add(part.Widened(sums.Cells));
        return sums;
    }

    private static Estimated Estimate(in Effect effect) => Estimate(effect, Reading.Fixed(effect, Gain.Level).Interval);

    private static Estimated Relative(in HeldOutGain gain) => Estimate(gain.Relative, gain.RelativeLimits);

    private static Estimated Estimate(in Effect effect, Interval interval) =>
        effect.IsDefined ? new(effect.Value, effect.StandardError, interval.Low, interval.High) : Estimated.Undefined;
}

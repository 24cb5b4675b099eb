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
        var measured = Measured(first.Stretches, sums, shift);
        var total = HeldOutGain.Of(sums, Cells(measured), shift, Gain.Level);
        var decisions = Decisions([.. first.Stretches.Select((_, i) => parts.Sum(p => p.Stretches[i].Decisions))], first.Stretches, measured);
        var told = measured.Count > 0 ? measured : first.Stretches;
        return start with
        {
            Since = told.Count == 0 ? null : told.Min(s => s.From),
            Until = told.Count == 0 ? null : told.Max(s => s.Until),
            Decisions = decisions.Measured,
            Unmeasured = decisions.Unmeasured + first.Beyond,
            Beyond = GainWords.TooMany(first.Beyond),
            Total = Estimate(total.Total),
            PerDecision = Estimate(total.PerDecision),
            Relative = Relative(total),
            Baseline = total.Baseline * (start.LowerIsBetter ? -1 : 1),
            WhyNot = WhyNot(first, sums, shift, measured, total),
            Stretches = [.. first.Stretches.Select((s, i) => Stretch(s, parts.Sum(p => p.Stretches[i].Decisions), sums, shift, start.LowerIsBetter))],
            Course = [.. Enumerable.Range(0, first.Course.Count).Select(day => Day(first, [.. parts.Select(p => p.Course[day])], shift))],
        };
    }

    /// <summary>The counts themselves, for a measurement that can no longer read what they are of.</summary>
    public static CountState State(IReadOnlyList<GainCount> parts, double shift, DateTimeOffset until) => new(
        until, shift, [.. parts[0].Stretches.Select((s, i) => new StretchState(s.Lot, s.Number, s.From, s.Until, s.FirstVersion, s.LastVersion, parts.Sum(p => p.Stretches[i].Decisions)))],
        Together(parts.Select(p => p.Sums)).Store(), parts[0].Beyond);

    /// <summary>Why nothing is measured, in the words of the newest stretch; null where something is.</summary>
    private static string? WhyNot(GainCount count, CellSums sums, double shift, List<CountedStretch> measured, in HeldOutGain total) =>
        measured.Count > 0 ? (total.Total.IsDefined ? null : GainWords.Undefined(total.Total.Why))
        : count.Stretches.MaxBy(s => s.Until) is not { } newest ? GainWords.NothingClosed : WhyNot(newest, sums, shift);

    // The one rule for a stretch by itself, for its part in the total, and for the course.
    private static string? WhyNot(CountedStretch stretch, CellSums sums, double shift)
    {
        if (stretch.Lot.WhyNot is { } whyNot) return whyNot;
        var kept = sums.Units(stretch.Cells.HeldOut);
        if (kept < Gain.LeastKept) return GainWords.TooFew(kept);
        if (sums.Count(stretch.Cells.Decided) == 0) return GainWords.NobodyDecided;
        var own = HeldOutGain.Of(sums, [stretch.Cells], shift, Gain.Level);
        return own.Total.IsDefined ? null : GainWords.Undefined(own.Total.Why);
    }

    private static GainStretch Stretch(CountedStretch stretch, long decisions, CellSums sums, double shift, bool lowerIsBetter)
    {
        var (lot, cells, whyNot) = (stretch.Lot, stretch.Cells, WhyNot(stretch, sums, shift));
        var counted = new GainStretch
        {
            From = stretch.From,
            Until = stretch.Until,
            FirstVersion = stretch.FirstVersion,
            LastVersion = stretch.LastVersion,
            Source = whyNot is null ? lot.Source : GainSource.NotMeasured,
            WhyNot = whyNot,
            Decisions = decisions,
        };
        if (stretch.Number < 0) return counted;
        var own = HeldOutGain.Of(sums, [cells], shift, Gain.Level);
        var kept = sums.Units(cells.HeldOut);
        return counted with
        {
            Kept = lot.Below,
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
        var measured = Measured(stretches, sums, shift);
        var decisions = Decisions([.. stretches.Select((_, i) => parts.Sum(p => p.Decisions[i]))], stretches, measured);
        return new(parts[0].Until, Estimate(HeldOutGain.Of(sums, Cells(measured), shift, Gain.Level).Total), decisions.Measured, decisions.Unmeasured);
    }

    private static List<CountedStretch> Measured(IReadOnlyList<CountedStretch> stretches, CellSums sums, double shift) => [.. stretches.Where(s => WhyNot(s, sums, shift) is null)];

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

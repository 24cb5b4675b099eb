using System.Collections.Immutable;

namespace Looper.Core.Experiments;

/// <summary>Reads a stored report with another arm as the baseline: the same sums, compared the other way. What the plan decided stays as it
/// was: health, what may be adjusted for, and the recommendation.</summary>
internal static class OtherBaseline
{
    /// <param name="sums">Kept with the report.</param>
    /// <param name="baseline">Place of the arm in the plan.</param>
    public static ReportContent Of(ReportContent content, ReportSums sums, int baseline)
    {
        if (baseline == 0) return content;
        var order = ReportSums.Order(content.Arms.Length, baseline);
        var settings = content.Settings with
        {
            Plan = content.Settings.Plan with { Arms = Reordered(content.Settings.Plan.Arms, order) },
            Allocation = content.Settings.Allocation.IsDefault ? [] : [.. content.Settings.Allocation.Select(e => e with { Weights = Reordered(e.Weights, order) })],
        };
        var rebased = sums.Rebased(baseline);
        return content with
        {
            Settings = settings,
            Reading = PlannedEnd.Decides(settings),
            Arms = Reordered(content.Arms, order),
            Metrics = [.. rebased.Figures(settings, content.Covariates.IsDefault ? [] : content.Covariates).Select(m => content.Metrics.FirstOrDefault(o => o.Outcome == m.Outcome) is { } stored ? m with { CapUnits = stored.CapUnits, Sampled = stored.Sampled } : m)],
            Segments = rebased.Segments(settings),
            Interactions = rebased.Interactions(settings.Plan),
        };
    }

    private static ImmutableArray<T> Reordered<T>(ImmutableArray<T> items, int[] order) => [.. order.Select(i => items[i])];
}

using System.Collections.Immutable;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>Intervals that allow for as many questions as their p-values do, so that one leaves zero out exactly where its comparison is found.</summary>
/// <remarks>Of m comparisons R are found. Benjamini–Hochberg: 1 − α·R/m, at which no more than α of the intervals that are picked miss the truth
/// (Benjamini and Yekutieli 2005, JASA 100:71). Holm: 1 − α/(m − R + 1), the step at which the last was found; R·(m − R + 1) ≥ m, so they are no
/// narrower than those. Where none is found both are 1 − α/m.</remarks>
internal static class FamilyIntervals
{
    /// <param name="sums">Of each metric, in the same order.</param>
    public static ImmutableArray<MetricFigures> Of(ImmutableArray<MetricFigures> metrics, IReadOnlyList<MetricSums> sums, ReportSettings settings)
    {
        var levels = metrics.GroupBy(m => m.Role).ToDictionary(f => f.Key, f => Level([.. f.SelectMany(m => m.Comparisons).Where(c => !double.IsNaN(c.AdjustedP))], settings.Plan.Level));
        return [.. metrics.Select((m, i) => m with { Comparisons = [.. m.Comparisons.Select((c, k) => Read(c, sums[i], k + 1, levels[m.Role]))] })];

        Comparison Read(Comparison comparison, MetricSums of, int arm, double level)
        {
            if (comparison.Correction is null || double.IsNaN(comparison.AdjustedP)) return comparison;
            var (effects, reading) = (Comparisons.Effects(settings, of, arm, level), PlannedEnd.Decides(settings, of.Outcome.Window));
            return comparison with
            {
                CorrectedLevel = level,
                Absolute = comparison.Absolute with { Corrected = effects.Absolute.Of(reading) },
                Relative = comparison.Relative with { Corrected = effects.Relative.Of(reading) },
            };
        }
    }

    private static double Level(ImmutableArray<Comparison> family, double level)
    {
        if (family.IsEmpty) return level;
        var alpha = 1 - level;
        var found = Math.Max(1, family.Count(c => c.AdjustedP < alpha));
        return 1 - (family[0].Correction == Corrections.Holm ? alpha / (family.Length - found + 1) : alpha * found / family.Length);
    }
}

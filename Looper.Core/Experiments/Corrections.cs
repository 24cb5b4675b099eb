using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>Takes into account how many questions a report asks, and only then says who won.</summary>
internal static class Corrections
{
    public const string Holm = "holm-1", BenjaminiHochberg = "benjamini-hochberg-1";

    /// <summary>Goals × arms by Holm, secondary outcomes × arms by Benjamini–Hochberg; that a guardrail is safe each on its own, because
    /// all of them must hold, and that any is harmed by Holm.</summary>
    public static ImmutableArray<MetricFigures> Apply(ImmutableArray<MetricFigures> metrics, ReportSettings settings)
    {
        var level = settings.Plan.Level;
        var adjusted = new Dictionary<(string Outcome, string Arm), (double P, string? Name)>();
        foreach (var role in metrics.GroupBy(m => m.Role))
        {
            var family = role.SelectMany(m => m.Comparisons.Select(c => (Key: (m.Outcome, c.Arm), P: P(c, PlannedEnd.Decides(settings, m.Window))))).ToList();
            double[] raw = [.. family.Select(f => f.P)];
            var several = raw.Count(p => !double.IsNaN(p)) > 1;
            var (p, name) = (role.Key, several) switch
            {
                (MetricRole.Goal, true) => (MultipleComparisons.Holm(raw), Holm),
                (MetricRole.Secondary, true) => (MultipleComparisons.BenjaminiHochberg(raw), BenjaminiHochberg),
                _ => (raw, null),
            };
            for (var i = 0; i < family.Count; i++) adjusted[family[i].Key] = (p[i], name);
        }

        return [.. Guarded(metrics).Select(m => m with { Comparisons = [.. m.Comparisons.Select(c => Judged(m, c, PlannedEnd.Decides(settings, m.Window), level, adjusted[(m.Outcome, c.Arm)]))] })];
    }

    /// <summary>That all are safe each has to show on its own; that any is harmed is a search through all of them, which finds more the longer it is.</summary>
    private static IEnumerable<MetricFigures> Guarded(ImmutableArray<MetricFigures> metrics)
    {
        var adjusted = MultipleComparisons.Holm([.. metrics.SelectMany(m => m.Comparisons).Select(c => c.GuardrailP)]);
        var next = 0;
        return [.. metrics.Select(m => m with { Comparisons = [.. m.Comparisons.Select(c => Guarded(c, adjusted[next++]))] })];
    }

    private static Comparison Guarded(Comparison comparison, double p) => comparison with
    {
        GuardrailP = p,
        Guardrail = comparison.Guardrail == GuardrailState.Unknown && p < 1 - Readings.GuardrailLevel ? GuardrailState.Harmed : comparison.Guardrail,
    };

    private static double P(Comparison comparison, ReadingKind reading) =>
        comparison.Shortage is not null || reading == ReadingKind.Bayesian ? double.NaN : comparison.Absolute.Of(reading).P;

    private static Comparison Judged(MetricFigures metric, Comparison comparison, ReadingKind reading, double level, (double P, string? Name) adjusted) => comparison with
    {
        AdjustedP = adjusted.P,
        Correction = adjusted.Name,
        Verdict = Verdict(metric, comparison, reading, level, adjusted.P),
    };

    private static EffectVerdict Verdict(MetricFigures metric, Comparison comparison, ReadingKind reading, double level, double p)
    {
        if (comparison.Shortage is not null || comparison.Absolute.Why is not null) return EffectVerdict.NotEnoughData;
        if (reading == ReadingKind.Bayesian)
            return comparison.Absolute.Bayesian.ChanceToWin switch
            {
                > 0.95 => EffectVerdict.Good,
                < 0.05 => EffectVerdict.Bad,
                _ => EffectVerdict.Unsure,
            };
        var interval = comparison.Absolute.Of(reading);
        if (!(p < 1 - level)) return EffectVerdict.Unsure;
        var up = interval.Low > 0;
        if (!up && !(interval.High < 0)) return EffectVerdict.Unsure;
        return up == (metric.Better == Direction.Higher) ? EffectVerdict.Good : EffectVerdict.Bad;
    }
}

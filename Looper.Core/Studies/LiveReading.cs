using System.Collections.Immutable;
using Looper.Core.Experiments;
using Looper.Core.Optimization;

namespace Looper.Core.Studies;

/// <summary>What a report says of the trials that are its arms. Pure.</summary>
/// <param name="IsComplete">Every arm has its units, the days of the batch are over, or a guardrail is broken.</param>
/// <param name="Breach">A sentence on the broken guardrail; null while none is.</param>
public sealed record LiveReading(bool IsComplete, string? Breach, ImmutableDictionary<string, LiveReading.ArmReading> Arms)
{
    private const double SureBreach = 3; // standard errors beyond the bound: read often, so more than once would take

    /// <param name="Metrics">Null when some are not known.</param>
    public sealed record ArmReading(ImmutableSortedDictionary<string, TrialMetric>? Metrics, long Units, string? Note);

    /// <param name="age">Since the batch began.</param>
    /// <param name="isStopped">Somebody ended the experiment: nothing more comes.</param>
    public static LiveReading Of(StudyPlan plan, ReportContent report, TimeSpan age, bool isStopped)
    {
        var figures = plan.Goals.Select(g => g.Metric).Concat(plan.Guardrails.Select(g => g.Metric)).Distinct()
            .Select(name => report.Metrics.FirstOrDefault(m => m.Outcome == name)).ToArray();
        var arms = report.Settings.Plan.Arms.Skip(1).Select((arm, i) => (arm.Key, Reading: Arm(plan, figures, i, report))).ToImmutableDictionary(a => a.Key, a => a.Reading);
        var breach = Breached(plan, figures, report);
        var hasUnits = figures.All(m => m is not null && m.Arms.All(a => a.Units >= plan.UnitsPerArm));
        var late = age > TimeSpan.FromDays(plan.BatchDays);
        return new(hasUnits || late || isStopped || breach is not null, breach, arms);
    }

    private static ArmReading Arm(StudyPlan plan, MetricFigures?[] figures, int at, ReportContent report)
    {
        var units = report.Arms[at + 1].Units;
        var metrics = ImmutableSortedDictionary.CreateBuilder<string, TrialMetric>(StringComparer.Ordinal);
        foreach (var m in figures)
        {
            var effect = m?.Comparisons[at].Relative;
            if (m is null || effect is null || !double.IsFinite(effect.Estimate) || !double.IsFinite(effect.StandardError))
                return new(null, units, $"'{m?.Outcome ?? "A metric"}' is not known on {units} of {plan.UnitsPerArm} units.");
            var control = m.Arms[0];
            var shared = Math.Pow((1 + effect.Estimate) * control.Deviation / control.Mean, 2) / control.Units;
            var variance = effect.StandardError * effect.StandardError;
            metrics[m.Outcome] = new(effect.Estimate, effect.StandardError, double.IsFinite(shared) ? Math.Min(shared, 0.95 * variance) : 0);
        }
        return new(metrics.ToImmutable(), units, null);
    }

    private static string? Breached(StudyPlan plan, MetricFigures?[] figures, ReportContent report)
    {
        foreach (var guardrail in plan.Guardrails)
        {
            if (figures.FirstOrDefault(f => f?.Outcome == guardrail.Metric) is not { } metric) continue;
            var limit = guardrail.ToLimit();
            for (var i = 0; i < metric.Comparisons.Length; i++)
            {
                var effect = metric.Comparisons[i].Relative;
                if (limit.Sign * (effect.Estimate - limit.Limit) > SureBreach * effect.StandardError)
                    return $"Guardrail {guardrail.Metric} is broken by {report.Settings.Plan.Arms[i + 1].Key}: {effect.Estimate:0.0%} where {limit.Limit:0.0%} is the bound. Its arms have ended; look at them before you resume.";
            }
        }
        return null;
    }
}

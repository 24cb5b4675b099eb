using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Optimization;
using Looper.Core.Statistics;

namespace Looper.Core.Studies;

/// <summary>What a report says of the trials that are its arms. Pure.</summary>
/// <param name="IsComplete">Every arm has its units, the days of the batch are over, or a guardrail is broken.</param>
/// <param name="Breach">A sentence on the broken guardrail; null while none is.</param>
public sealed record LiveReading(bool IsComplete, string? Breach, ImmutableDictionary<string, LiveReading.ArmReading> Arms)
{
    /// <summary>Chance that a batch in which no arm is beyond a bound is ever told to have broken one, however often it is read.</summary>
    private const double FalseBreach = 0.05;

    /// <param name="Metrics">Null when some are not known.</param>
    public sealed record ArmReading(ImmutableSortedDictionary<string, TrialMetric>? Metrics, long Units, string? Note);

    /// <param name="age">Since the batch began.</param>
    /// <param name="isStopped">Somebody ended the experiment: nothing more comes.</param>
    public static LiveReading Of(StudyPlan plan, ReportContent report, TimeSpan age, bool isStopped)
    {
        var figures = plan.Goals.Select(g => g.Metric).Concat(plan.Guardrails.Select(g => g.Metric)).Distinct()
            .Select(name => report.Metrics.FirstOrDefault(m => m.Outcome == name)).ToArray();
        var breach = Breached(plan, figures, report);
        var hasUnits = figures.All(m => m is not null && m.Arms.All(a => a.Units >= plan.UnitsPerArm));
        var end = hasUnits ? null : breach is not null ? "a guardrail ended the batch" : "the batch ended";
        var arms = report.Settings.Plan.Arms.Skip(1).Select((arm, i) => (arm.Key, Reading: Arm(plan, figures, i, report, end))).ToImmutableDictionary(a => a.Key, a => a.Reading);
        var late = age > TimeSpan.FromDays(plan.BatchDays);
        return new(hasUnits || late || isStopped || breach is not null, breach, arms);
    }

    // What ended before it had its units is measured as far as it is enough for any report: of ten units nothing is known, whatever their standard error says.
    private static ArmReading Arm(StudyPlan plan, MetricFigures?[] figures, int at, ReportContent report, string? end)
    {
        var units = report.Arms[at + 1].Units;
        var metrics = ImmutableSortedDictionary.CreateBuilder<string, TrialMetric>(StringComparer.Ordinal);
        foreach (var m in figures)
        {
            var effect = m?.Comparisons[at].Relative;
            if (m is null || effect is null || !double.IsFinite(effect.Estimate) || !double.IsFinite(effect.StandardError))
                return new(null, units, $"'{m?.Outcome ?? "A metric"}' is not known on {units} of {plan.UnitsPerArm} units.");
            if (end is not null && m.Comparisons[at].Shortage is { } shortage)
                return new(null, units, $"'{m.Outcome}' is not known: {end} with {shortage.Have} of {shortage.Need} {shortage.Of}.");
            var control = m.Arms[0];
            var ratio = 1 + Math.Sign(control.Mean) * effect.Estimate; // of the arm's mean to the control's, both with their signs
            var shared = Math.Pow(ratio * control.Deviation / control.Mean, 2) / control.Units;
            var variance = effect.StandardError * effect.StandardError;
            metrics[m.Outcome] = new(effect.Estimate, effect.StandardError, double.IsFinite(shared) ? Math.Min(shared, 0.95 * variance) : 0);
        }
        return new(metrics.ToImmutable(), units, end is null ? null : $"Measured on {units} of {plan.UnitsPerArm} units: {end}.");
    }

    private static string? Breached(StudyPlan plan, MetricFigures?[] figures, ReportContent report)
    {
        var level = 1 - FalseBreach / Math.Max(1, plan.Guardrails.Length * (report.Settings.Plan.Arms.Length - 1));
        foreach (var guardrail in plan.Guardrails)
        {
            if (figures.FirstOrDefault(f => f?.Outcome == guardrail.Metric) is not { } metric) continue;
            var limit = guardrail.ToLimit();
            for (var i = 0; i < metric.Comparisons.Length; i++)
            {
                var effect = metric.Comparisons[i].Relative;
                if (metric.Comparisons[i].Shortage is null && double.IsFinite(effect.Estimate) && IsBroken(metric.Arms[0], metric.Arms[i + 1], limit, level, plan.UnitsPerArm))
                    return $"Guardrail {guardrail.Metric} is broken by {report.Settings.Plan.Arms[i + 1].Key}: {effect.Estimate:0.0%} where {limit.Limit:0.0%} is the bound. Its arms have ended; look at them before you resume.";
                if (metric.Comparisons[i].Shortage is not null && IsBrokenByFew(report.Settings, metric, i + 1, limit, level))
                    return string.Create(CultureInfo.InvariantCulture, $"Guardrail {guardrail.Metric} is broken by {report.Settings.Plan.Arms[i + 1].Key}: {metric.Arms[i + 1].Sum:N0} of {metric.Arms[i + 1].Units:N0} units, where {metric.Arms[0].Sum:N0} of {metric.Arms[0].Units:N0} of the present policy are, and {limit.Limit:0.0%} is the bound. Its arms have ended; look at them before you resume.");
            }
        }
        return null;
    }

    // A yes that hardly happens has no standard error to go by: each falls to the arm with its share of the units, and as many more as the bound allows.
    private static bool IsBrokenByFew(ReportSettings settings, MetricFigures metric, int arm, MetricLimit limit, double level)
    {
        ArmValue control = metric.Arms[0], treated = metric.Arms[arm];
        if (metric.Kind != OutcomeKind.Boolean || !settings.Plan.IsPlain || !settings.Allocation.IsDefaultOrEmpty || !(1 + limit.Limit > 0)) return false;
        if (Math.Min(control.Units, treated.Units) < Needs.ForEffects || control.Sum + treated.Sum > (control.Units + treated.Units) / 2.0) return false;
        return RareAnswers.HarmP(control.Sum, treated.Sum, control.Units, treated.Units * (1 + limit.Limit), moreIsHarm: limit.Sign > 0) < 1 - level;
    }

    /// <summary>Whether the arm is beyond the bound on the metric's own scale, by the always-valid reading: a batch is read many times.</summary>
    /// <remarks>d = ±(ȳ_b − ȳ_a − m·|ȳ_a|) with se² = V_b/n_b + (1 ± m)²·V_a/n_a. Not the lift: its standard error shrinks with it, so that an arm that
    /// did badly by chance looks sure to be bad. Sharpest at a third of the units, because at the end a breach saves nobody.</remarks>
    private static bool IsBroken(ArmValue control, ArmValue arm, MetricLimit limit, double level, long unitsPerArm)
    {
        var bound = control.Mean + limit.Limit * Math.Abs(control.Mean);
        var ratio = 1 + Math.Sign(control.Mean) * limit.Limit;
        var variance = arm.Deviation * arm.Deviation / arm.Units + ratio * ratio * control.Deviation * control.Deviation / control.Units;
        var beyond = new Effect(Scale.Absolute, limit.Sign * (arm.Mean - bound), Math.Sqrt(variance), double.NaN, control.Units + arm.Units, MeanDifference.Method);
        return variance > 0 && ConfidenceSequence.Read(beyond, 2.0 * unitsPerArm / 3, level, Sides.Greater).Interval.Low > 0;
    }
}

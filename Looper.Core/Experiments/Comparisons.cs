using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>One arm against the baseline on one outcome, with every reading.</summary>
internal static class Comparisons
{
    /// <summary>Adjusting for covariates is worth showing from this share of variance on.</summary>
    private const double WorthSaving = 0.01;

    private const int SmallSample = 30;

    public static Comparison Of(ReportSettings settings, Outcome outcome, Guardrail? guardrail, MetricSums sums, int arm, Needs needs)
    {
        var effects = Effects(settings, sums, arm);
        var shortage = needs.ForEffect(sums, arm);
        var bound = guardrail is null ? default
            : Guard(ReadingsOf(settings, outcome, arm), effects.Absolute, Math.Abs(sums.Summary(0).Value), guardrail, outcome.Better == Direction.Lower);
        return new()
        {
            Arm = settings.Plan.Arms[arm].Key,
            Absolute = effects.Absolute,
            Relative = effects.Relative,
            UnadjustedAbsolute = double.IsNaN(effects.Saved) ? null : effects.PlainAbsolute,
            UnadjustedRelative = double.IsNaN(effects.Saved) ? null : effects.PlainRelative,
            VarianceSaved = effects.Saved,
            Verdict = EffectVerdict.Unsure,
            Shortage = shortage,
            Guardrail = guardrail is null ? null : shortage is null ? bound.State : GuardrailState.Unknown,
            GuardrailBound = guardrail is null || shortage is not null ? double.NaN : bound.Bound,
            Flags = Flags(sums, arm),
        };
    }

    /// <summary>The effect with every reading, adjusted for covariates where that is worth it, and the plain one beside it.</summary>
    public static EffectPair Effects(ReportSettings settings, MetricSums sums, int arm)
    {
        MetricSummary control = sums.Summary(0), treatment = sums.Summary(arm);
        var readings = ReadingsOf(settings, sums.Outcome, arm);
        var absolute = readings.Absolute(MeanDifference.Between(control, treatment), control.Value, Small(sums, arm, settings.Plan.Level));
        var relative = readings.Relative(control, treatment);
        return Adjusted(sums, arm) is { } adjusted && adjusted.VarianceSaved >= WorthSaving
            ? new(readings.Absolute(adjusted.Absolute, control.Value, null), readings.Adjusted(adjusted.Relative), absolute, relative, adjusted.VarianceSaved)
            : new(absolute, relative, absolute, relative, double.NaN);
    }

    private static Readings ReadingsOf(ReportSettings settings, Outcome outcome, int arm) => new(settings, arm, outcome.Better == Direction.Lower);

    private static Cuped.Adjusted? Adjusted(MetricSums sums, int arm)
    {
        JointMoments a = sums.Arms[0].Joint, b = sums.Arms[arm].Joint;
        if (a.Width == 1 || a.Count < 2 || b.Count < 2) return null;
        var unequal = Math.Max(a.Count, b.Count) > Cuped.UnequalArms * Math.Min(a.Count, b.Count);
        var adjusted = unequal ? Cuped.PerArm(a, b) : Cuped.Between(a, b);
        return adjusted.Absolute.IsDefined ? adjusted : null;
    }

    private static (Interval Interval, double P)? Small(MetricSums sums, int arm, double level)
    {
        Moments a = sums.Arms[0].Values, b = sums.Arms[arm].Values;
        if (sums.Outcome.Kind != OutcomeKind.Boolean || a.Count == 0 || b.Count == 0) return null;
        double yesA = Math.Round(a.Sum), yesB = Math.Round(b.Sum);
        return Conversion.IsSmall(a.Count, yesA, b.Count, yesB)
            ? (Conversion.Newcombe(a.Count, yesA, b.Count, yesB, level), Conversion.FisherP(a.Count, yesA, b.Count, yesB))
            : null;
    }

    /// <summary>Signed so that positive is good: safe when the lower bound is above −margin of the baseline, harmed when the upper one is
    /// below zero. On the absolute scale, where a baseline that is itself uncertain does not bend the interval.</summary>
    private static (GuardrailState State, double Bound) Guard(Readings readings, EffectFigures absolute, double baseline, Guardrail guardrail, bool lowerIsBetter)
    {
        var (low, high) = readings.OneSided(absolute);
        var (worst, best) = lowerIsBetter ? (-high, -low) : (low, high);
        var state = worst > -guardrail.MarginRelative * baseline ? GuardrailState.Safe : best < 0 ? GuardrailState.Harmed : GuardrailState.Unknown;
        return (state, baseline > 0 ? worst / baseline : double.NaN);
    }

    private static ImmutableArray<string> Flags(MetricSums sums, int arm)
    {
        var flags = ImmutableArray.CreateBuilder<string>();
        Moments a = sums.Arms[0].Values, b = sums.Arms[arm].Values;
        if (Math.Min(a.Count, b.Count) < SmallSample) flags.Add("small-sample");
        // Kohavi et al. 2014, section 3.2: below 355·skewness² units the normal interval of a mean is not to be trusted.
        if (sums.Outcome.Kind != OutcomeKind.Boolean && (a.Count < 355 * a.Skewness * a.Skewness || b.Count < 355 * b.Skewness * b.Skewness)) flags.Add("skewed");
        if (Small(sums, arm, 0.95) is not null) flags.Add("few-conversions");
        if (Math.Max(a.Variance, b.Variance) > 4 * Math.Min(a.Variance, b.Variance)) flags.Add("unequal-variance");
        return flags.ToImmutable();
    }
}

/// <param name="Saved">Share of variance that the adjustment took away; NaN without one.</param>
internal sealed record EffectPair(EffectFigures Absolute, EffectFigures Relative, EffectFigures PlainAbsolute, EffectFigures PlainRelative, double Saved);

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

    public static Comparison Of(ReportSettings settings, MetricSums sums, int arm, Needs needs, Adjustments adjustments)
    {
        var outcome = sums.Outcome;
        var effects = Effects(settings, sums, arm);
        var shortage = needs.ForEffect(sums, arm);
        var hasMargin = !double.IsNaN(sums.Spec.Margin);
        var bound = !hasMargin ? default
            : Guard(ReadingsOf(settings, outcome, arm), effects.Absolute, Math.Abs(sums.Summary(0).Value), sums.Spec.Margin, outcome);
        return new()
        {
            Arm = settings.Plan.Arms[arm].Key,
            Absolute = effects.Absolute,
            Relative = effects.Relative,
            UnadjustedAbsolute = effects.IsAdjusted ? effects.PlainAbsolute : null,
            UnadjustedRelative = effects.IsAdjusted ? effects.PlainRelative : null,
            VarianceSaved = effects.Saved,
            Adjustments = shortage is null ? adjustments.Of(sums, arm, ReadingsOf(settings, outcome, arm), effects) : [],
            Verdict = EffectVerdict.Unsure,
            Shortage = shortage,
            Guardrail = !hasMargin ? null : shortage is null ? bound.State : GuardrailState.Unknown,
            GuardrailBound = !hasMargin || shortage is not null ? double.NaN : bound.Bound,
            GuardrailP = !hasMargin ? double.NaN : shortage is null ? bound.P : RareAnswers.HarmP(sums, arm),
            Flags = Flags(sums, arm),
            Samples = sums.Samples is null ? null : SampleEffects.Figures(settings, sums, arm, shortage is null),
        };
    }

    /// <summary>The effect with every reading, adjusted for covariates where that is worth it, and the plain one beside it. Where shares
    /// of the arms changed on the way, plain means are biased and the adaptively weighted ones take their place.</summary>
    /// <param name="level">Null takes the plan's.</param>
    public static EffectPair Effects(ReportSettings settings, MetricSums sums, int arm, double? level = null)
    {
        var readings = ReadingsOf(settings, sums.Outcome, arm, level);
        if (sums.Samples is not null) return SampleEffects.Of(settings, sums, arm, readings);
        MetricSummary control = sums.Summary(0), treatment = sums.Summary(arm);
        var absolute = readings.Absolute(Named(sums.Spec, MeanDifference.Between(control, treatment)), control.Value, Small(sums, arm, level ?? settings.Plan.Level));
        var relative = Named(sums.Spec, readings.Relative(control, treatment));
        if (!sums.Epochs.IsEmpty)
        {
            var (whole, lift) = settings.IsAdaptive ? Changing.Adaptive(sums, arm, readings) : Changing.ByEpoch(sums, arm, readings);
            return new(whole, lift, absolute, relative, double.NaN, IsAdjusted: true);
        }

        return Adjusted(sums, arm, sums.Covariates) is { } adjusted && adjusted.VarianceSaved >= WorthSaving
            ? new(readings.Absolute(adjusted.Absolute, control.Value, null), readings.Adjusted(adjusted.Relative, control), absolute, relative, adjusted.VarianceSaved, IsAdjusted: true)
            : new(absolute, relative, absolute, relative, double.NaN, IsAdjusted: false);
    }

    /// <summary>CUPED with some of the columns; null where it cannot be computed.</summary>
    /// <param name="columns">Numbers of the values in the joint moments, from 1.</param>
    public static Cuped.Adjusted? Adjusted(MetricSums sums, int arm, ImmutableArray<int> columns)
    {
        if (columns.IsEmpty || sums.Arms[0].Joint.Count < 2 || sums.Arms[arm].Joint.Count < 2) return null;
        int[] values = [0, .. columns];
        JointMoments a = sums.Arms[0].Joint.Select(values), b = sums.Arms[arm].Joint.Select(values);
        var unequal = Math.Max(a.Count, b.Count) > Cuped.UnequalArms * Math.Min(a.Count, b.Count);
        var adjusted = unequal ? Cuped.PerArm(a, b) : Cuped.Between(a, b);
        return adjusted.Absolute.IsDefined ? adjusted with { Absolute = Named(sums.Spec, adjusted.Absolute), Relative = Named(sums.Spec, adjusted.Relative) } : null;
    }

    // Two methods made such a number: that of the arm's value, and that of the comparison.
    private static Effect Named(MetricSpec spec, Effect effect) => spec.Method is { } method ? effect with { Method = $"{method}+{effect.Method}" } : effect;

    private static EffectFigures Named(MetricSpec spec, EffectFigures figures) => spec.Method is { } method ? figures with { Method = $"{method}+{figures.Method}" } : figures;

    private static Readings ReadingsOf(ReportSettings settings, Outcome outcome, int arm, double? level = null) => new(settings, arm, outcome.Better == Direction.Lower, level);

    private static (Interval Interval, double P)? Small(MetricSums sums, int arm, double level)
    {
        Moments a = sums.Arms[0].Values, b = sums.Arms[arm].Values;
        if (sums.Outcome.Kind != OutcomeKind.Boolean || sums.Samples is not null || a.Count == 0 || b.Count == 0) return null;
        double yesA = Math.Round(a.Sum), yesB = Math.Round(b.Sum);
        return Conversion.IsSmall(a.Count, yesA, b.Count, yesB)
            ? (Conversion.Newcombe(a.Count, yesA, b.Count, yesB, level), Conversion.FisherP(a.Count, yesA, b.Count, yesB))
            : null;
    }

    /// <summary>Signed so that positive is good: safe when the lower bound is above −margin of the baseline, else unknown until it is told whether
    /// any is harmed. On the absolute scale, where a baseline that is itself uncertain does not bend the interval.</summary>
    private static (GuardrailState State, double Bound, double P) Guard(Readings readings, EffectFigures absolute, double baseline, double margin, Outcome outcome)
    {
        var (greater, less) = readings.OneSided(absolute, outcome.Window);
        var (worst, harm) = outcome.Better == Direction.Lower ? (-less.Interval.High, greater.P) : (greater.Interval.Low, less.P);
        return (worst > -margin * baseline ? GuardrailState.Safe : GuardrailState.Unknown, baseline > 0 ? worst / baseline : double.NaN, harm);
    }

    private static bool IsOneUnit(MetricSums sums, int arm) => sums.Arms[arm].Values.Count >= Needs.ForEffects && sums.LargestShare(arm) > HealthChecks.AmberUnit;

    private static ImmutableArray<string> Flags(MetricSums sums, int arm)
    {
        var flags = ImmutableArray.CreateBuilder<string>();
        Moments a = sums.Arms[0].Values, b = sums.Arms[arm].Values;
        if (Math.Min(a.Count, b.Count) < SmallSample) flags.Add("small-sample");
        if (sums.Outcome.Kind != OutcomeKind.Boolean && (a.IsTooSkewed || b.IsTooSkewed)) flags.Add("skewed");
        if (Small(sums, arm, 0.95) is not null) flags.Add("few-conversions");
        if (Math.Max(a.Variance, b.Variance) > 4 * Math.Min(a.Variance, b.Variance)) flags.Add("unequal-variance");
        if (IsOneUnit(sums, 0) || IsOneUnit(sums, arm)) flags.Add("one-unit");
        return flags.ToImmutable();
    }
}

/// <param name="Saved">Share of variance that the adjustment took away; NaN without one.</param>
internal sealed record EffectPair(EffectFigures Absolute, EffectFigures Relative, EffectFigures PlainAbsolute, EffectFigures PlainRelative, double Saved, bool IsAdjusted);

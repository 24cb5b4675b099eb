using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>Reads an effect in every way the report shows.</summary>
/// <param name="level">Null takes the plan's; another is that of a family of comparisons.</param>
internal sealed class Readings(ReportSettings settings, int arm, bool lowerIsBetter, double? level = null)
{
    public const double GuardrailLevel = 0.95;

    private const double LeastSamples = 20, DefaultClusters = 100;

    /// <summary>Units of this pair at which the sequential reading is sharpest: frozen with the plan.</summary>
    private readonly double _plannedUnits = Planned(settings, arm);

    private double Level => level ?? settings.Plan.Level;

    private Reading Sequential(Effect effect) => ConfidenceSequence.Read(effect, _plannedUnits, Level, tunedFor: settings.Plan.Level);

    /// <summary>Units of the baseline and one arm together at the planned end; clusters or slots where those are the sample.</summary>
    public static double Planned(ReportSettings settings, int arm)
    {
        var plan = settings.Plan;
        return Planned(plan, plan.Arms[0].Weight + plan.Arms[arm].Weight);
    }

    /// <param name="share">Of the two arms together.</param>
    public static double Planned(ExperimentPlan plan, double share)
    {
        if (plan.Slots is { } slots) return Math.Max(LeastSamples, (plan.PlannedUnits ?? (plan.PlannedDays ?? 14) * (double)slots.PerDay) * share);
        if (plan.Cluster is not null) return Math.Max(LeastSamples, (plan.PlannedUnits ?? DefaultClusters) * share);
        return plan.PlannedUnits is { } planned ? Math.Max(1_000, planned * share) : ConfidenceSequence.DefaultPlannedUnits;
    }

    /// <param name="baseline">Mean of the baseline, which carries the prior of the lift to this scale.</param>
    /// <param name="small">Interval and p of the small-sample methods, where they replace the normal ones.</param>
    public EffectFigures Absolute(Effect effect, double baseline, (Interval Interval, double P)? small)
    {
        var whole = Reading.Fixed(effect, Level);
        var fixedReading = small is { } s ? new IntervalFigures(s.Interval.Low, s.Interval.High, s.P, Conversion.SmallMethod) : Of(whole);
        return Figures(effect, fixedReading, Of(Sequential(effect)), Bayes(effect, baseline));
    }

    /// <summary>The lift, with limits that know how uncertain the baseline is.</summary>
    public EffectFigures Relative(MetricSummary control, MetricSummary treatment)
    {
        var effect = RelativeLift.Between(control, treatment);
        if (!effect.IsDefined) return Adjusted(effect);
        Reading whole = Reading.Fixed(effect, Level), sequential = Sequential(effect);
        var (fixedLimits, why) = RelativeLift.Limits(control, treatment, TailProbability.StudentQuantile((1 + Level) / 2, effect.DegreesOfFreedom));
        if (why != Cause.None) return Adjusted(Effect.Undefined(Scale.Relative, RelativeLift.Method, why, effect.Units));
        var (sequentialLimits, _) = RelativeLift.Limits(control, treatment, ConfidenceSequence.Critical(effect.Units, _plannedUnits, Level, settings.Plan.Level));
        return Figures(effect, Of(whole with { Interval = fixedLimits }), Of(sequential with { Interval = sequentialLimits }), Bayes(effect, 1));
    }

    /// <summary>A lift whose standard error already knows how uncertain the baseline is: without limits, as the plain one, where the baseline cannot be told
    /// from zero, for what was taken out of the difference says nothing of what it is divided by.</summary>
    /// <param name="control">The baseline as it was observed.</param>
    public EffectFigures Adjusted(Effect lift, in MetricSummary control)
    {
        if (!lift.IsDefined) return Adjusted(lift);
        if (RelativeLift.IsUnstable(control, TailProbability.StudentQuantile((1 + Level) / 2, lift.DegreesOfFreedom)))
            return Adjusted(Effect.Undefined(Scale.Relative, lift.Method, Cause.UnstableRatio, lift.Units));
        var figures = Adjusted(lift);
        return RelativeLift.IsUnstable(control, ConfidenceSequence.Critical(lift.Units, _plannedUnits, Level, settings.Plan.Level))
            ? figures with { Sequential = figures.Sequential with { Low = double.NaN, High = double.NaN } }
            : figures;
    }

    /// <summary>An effect whose standard error already says all there is to say.</summary>
    public EffectFigures Adjusted(Effect effect) =>
        Figures(effect, Of(Reading.Fixed(effect, Level)), Of(Sequential(effect)), Bayes(effect, 1));

    /// <summary>Lower and upper one-sided bounds and the p-values beyond them: always valid, or at the planned end of a fixed plan for that one look.</summary>
    /// <param name="window">Of the metric.</param>
    public (Reading Greater, Reading Less) OneSided(EffectFigures absolute, TimeSpan window)
    {
        if (absolute.Why is not null) return (Reading.Undefined("none"), Reading.Undefined("none"));
        var effect = new Effect(Scale.Absolute, absolute.Estimate, absolute.StandardError, absolute.DegreesOfFreedom, absolute.Units, absolute.Method);
        Reading Side(Sides sides) => PlannedEnd.Guards(settings, window) == ReadingKind.Sequential
            ? ConfidenceSequence.Read(effect, _plannedUnits, GuardrailLevel, sides)
            : Reading.Fixed(effect, GuardrailLevel, sides);
        return (Side(Sides.Greater), Side(Sides.Less));
    }

    private BayesFigures Bayes(Effect effect, double baseline)
    {
        var prior = LiftPrior.Default;
        var posterior = GaussianPosterior.Of(effect, prior, baseline, Level, lowerIsBetter);
        return new(posterior.Mean, posterior.Interval.Low, posterior.Interval.High, posterior.ChanceToWin, posterior.LossOfTreatment,
            posterior.LossOfControl, prior.Mean, prior.Variance, GaussianPosterior.Method);
    }

    private static IntervalFigures Of(Reading reading) => new(reading.Interval.Low, reading.Interval.High, reading.P, reading.Method);

    private static EffectFigures Figures(Effect effect, IntervalFigures fixedReading, IntervalFigures sequential, BayesFigures bayes) => new()
    {
        Estimate = effect.Value,
        StandardError = effect.StandardError,
        DegreesOfFreedom = effect.DegreesOfFreedom,
        Units = effect.Units,
        Method = effect.Method,
        Why = effect.Why.Code(),
        Fixed = fixedReading,
        Sequential = sequential,
        Bayesian = bayes,
    };
}

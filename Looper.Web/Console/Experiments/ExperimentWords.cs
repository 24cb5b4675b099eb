using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Experiments;

/// <summary>How the console words what experiments and reports hold.</summary>
internal static class ExperimentWords
{
    public static string State(ExperimentView experiment) => experiment.State switch
    {
        ExperimentState.Draft when experiment.Approval is not null => "Waiting for approval",
        ExperimentState.Stopped when experiment.Conclusion is { } conclusion => Capital(conclusion.Split(':')[0]),
        ExperimentState.RolledBack => "Rolled back",
        var state => state.ToString(),
    };

    /// <summary>The tone where the word alone does not say it.</summary>
    public static Tone? ToneOf(ExperimentView experiment) => experiment.State switch
    {
        ExperimentState.Draft when experiment.Approval is not null => Tone.Warn,
        ExperimentState.Shipped => Tone.Good,
        ExperimentState.RolledBack => Tone.Warn,
        _ => null,
    };

    public static string Href(ExperimentView experiment) =>
        experiment.State == ExperimentState.Draft ? $"/experiments/{experiment.Id}" : $"/experiments/{experiment.Id}/report";

    public static string Day(ExperimentView experiment, DateTimeOffset now)
    {
        if (experiment.StartedAt is not { } start) return Shown.Nothing;
        // The last day of a stopped one has ended; that of a running one has begun.
        var day = experiment.StoppedAt is { } stop ? Math.Max(1, (int)Math.Ceiling((stop - start).TotalDays)) : 1 + (int)Math.Max(0, (now - start).TotalDays);
        var shown = day.ToString(CultureInfo.InvariantCulture);
        return experiment.Plan.PlannedDays is { } planned ? $"{shown}{(day > planned ? ", planned" : " of")} {planned.ToString(CultureInfo.InvariantCulture)}" : shown;
    }

    public static string Of(HealthState state) => state switch
    {
        HealthState.Green => "Healthy",
        HealthState.Amber => "Look at it",
        HealthState.Red => "Broken",
        _ => "Not enough data",
    };

    public static Tone ToneOf(HealthState state) => state switch
    {
        HealthState.Green => Tone.Good,
        HealthState.Amber => Tone.Warn,
        HealthState.Red => Tone.Bad,
        _ => Tone.Unsure,
    };

    public static Tone ToneOf(EffectVerdict verdict) => verdict switch
    {
        EffectVerdict.Good => Tone.Good,
        EffectVerdict.Bad => Tone.Bad,
        _ => Tone.Unsure,
    };

    public static Tone ToneOf(RecommendedAction action) => action switch
    {
        RecommendedAction.Ship => Tone.Good,
        RecommendedAction.FixFirst or RecommendedAction.StopForGuardrail or RecommendedAction.RollBack => Tone.Bad,
        RecommendedAction.KeepRunning => Tone.Info,
        _ => Tone.Unsure,
    };

    /// <summary>What the interval says, in words that stand without colour.</summary>
    public static string Of(Comparison comparison) => comparison switch
    {
        { Guardrail: GuardrailState.Safe } => "Safe",
        { Guardrail: GuardrailState.Harmed } => "Harmed",
        { Verdict: EffectVerdict.Good } => "Won",
        { Verdict: EffectVerdict.Bad } => "Lost",
        { Verdict: EffectVerdict.Unsure } => "No clear effect",
        _ => "Not enough data",
    };

    /// <summary>Where a guardrail's margin stands on the scale of lifts; NaN where there is none.</summary>
    public static double MarginLine(MetricFigures metric) => metric.Better == Direction.Higher ? -metric.Margin : metric.Margin;

    /// <summary>The glossary's term of a correction: <c>holm-1</c>.</summary>
    public static string CorrectionTerm(string correction) => correction.StartsWith("holm", StringComparison.Ordinal) ? "Holm" : correction.StartsWith("benjamini", StringComparison.Ordinal) ? "Benjamini–Hochberg" : "Adjusted p-value";

    public static string Of(MetricRole role) => role switch { MetricRole.Goal => "Goal", MetricRole.Guardrail => "Guardrails", _ => "Secondary" };

    public static Tone ToneOf(Comparison comparison) => comparison.Guardrail switch
    {
        GuardrailState.Safe => Tone.Good,
        GuardrailState.Harmed => Tone.Bad,
        _ => ToneOf(comparison.Verdict),
    };

    public static string Of(ReadingKind reading) => reading switch
    {
        ReadingKind.Sequential => "Always valid: you may look at any time",
        ReadingKind.Fixed => "Fixed: read once, at the planned end",
        _ => "Bayesian: chance to win; does not protect against looking early",
    };

    /// <summary>By which reading a report decides, and why where it is not the plan's.</summary>
    public static string Decides(ReportContent report) =>
        Of(report.Decides) + (report.Decides == report.Settings.Plan.Reading ? "" : report.Settings.Plan.PlannedDays is null
            ? " (a fixed reading was planned, but no end at which it holds)"
            : " (the fixed reading that was planned holds at the planned end)");

    /// <summary>What gets an arm, in a sentence.</summary>
    public static string Design(ExperimentPlan plan) => plan switch
    {
        { Cluster: { } cluster } => $"All units of one {cluster} share an arm.",
        { Switchback: { } slots } => $"Everybody{(slots.Region is { } region ? $" of one {region}" : "")} has the same arm for {slots.SlotMinutes.ToString(CultureInfo.InvariantCulture)} minutes{(slots.BurnInMinutes > 0 ? $"; the first {slots.BurnInMinutes.ToString(CultureInfo.InvariantCulture)} are left out of the analysis" : "")}.",
        { Bandit: not null } => "A unit keeps its arm until shares change.",
        _ => "A unit keeps its arm.",
    };

    /// <summary>What a start changes, in sentences: how many units get an arm, now and later, and for how long.</summary>
    public static ImmutableArray<string> Start(ExperimentView experiment)
    {
        var plan = experiment.Plan;
        var later = plan.TrafficAt(0) < plan.Traffic ? $", then up to {Shown.Percent(plan.Traffic)}" : "";
        return
        [
            $"{Shown.Percent(plan.TrafficAt(0))} of the units of {experiment.DecisionPoint} get an arm from now on{later}: {string.Join(", ", plan.Arms.Select(a => $"{Shown.Percent(a.Weight)} {a.Key} ({a.Does})"))}.",
            Design(plan),
            "Arms, metrics and reading are frozen.",
        ];
    }

    /// <summary>How units are counted, in a sentence.</summary>
    public static string Counted(ExperimentPlan plan) => plan switch
    {
        { Cluster: { } cluster } => $"A unit counts once, in the arm of its first decision; the sample is each {cluster} with all of its units.",
        { Switchback: not null } => "A unit counts once in each slot of time, with what it decided there after the burn-in; the sample is the slot.",
        { Bandit: not null } => "A unit counts once, in the arm of its first decision and with what it decided until shares changed; it is weighted by the chance it had of its arm.",
        _ => "A unit counts once, in the arm of its first decision.",
    };

    public static string Mean(MetricFigures metric, double mean) => metric.Kind == OutcomeKind.Boolean
        ? Shown.Percent(mean)
        : Shown.Number(mean) + (metric.UnitOfMeasure is null ? "" : " " + metric.UnitOfMeasure);

    public static string Effect(MetricFigures metric, double value, double low, double high, bool relative) =>
        relative ? Shown.Effect(value, low, high)
        : metric.Kind == OutcomeKind.Boolean ? Shown.Points(value, low, high)
        : Shown.Difference(value, low, high, metric.UnitOfMeasure);

    public static string P(double p) => Shown.PValue(p);

    public static string Flag(string flag) => flag switch
    {
        "small-sample" => "small sample",
        "skewed" => "skewed: the interval needs more units to be trusted",
        "few-conversions" => "few conversions: exact methods",
        "one-unit" => "one unit holds more than a twentieth of the total",
        "unequal-variance" => "the arms vary very differently",
        _ => flag,
    };

    private static string Capital(string word) => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..];
}

using Looper.Core.Optimization;
using Looper.Core.Studies;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Studies;

/// <summary>How the console words what studies hold.</summary>
internal static class StudyWords
{
    private const double Normal95 = 1.959963984540054;

    public static string Source(TrialSource source) => source switch
    {
        TrialSource.Live => "live arms",
        TrialSource.Logged => "logged decisions",
        TrialSource.Simulator => "a simulator",
        _ => "your application",
    };

    public static string Named(Measuring measured) => measured switch
    {
        Measuring.Live => "Live arms",
        Measuring.Logged => "Logged decisions",
        Measuring.Both => "Logged decisions, then live arms",
        Measuring.Simulator => "A simulator of yours",
        _ => "Your application, which asks and tells",
    };

    public static string Explained(Measuring measured) => measured switch
    {
        Measuring.Live => "Each setting is an arm of an experiment beside the present policy.",
        Measuring.Logged => "Each setting is judged on decisions made so far. Takes minutes and nobody meets it, but says nothing of what was never tried.",
        Measuring.Both => "Settings are judged on decisions made so far, and the most promising ones are then tried as live arms. The model learns how far off the log is.",
        Measuring.Simulator => "An HTTP endpoint of yours measures a setting when it is asked.",
        _ => "It asks for settings over the API and tells what came of them.",
    };

    /// <summary>Who measures a study's trials, where both do.</summary>
    public static string Source(StudyPlan plan) => plan.LoggedTrials > 0 ? $"live arms, after {Shown.Plural(plan.LoggedTrials, "setting")} on logged decisions" : Source(plan.Source);

    public static string Source(StudyPlan plan, TrialView trial) => trial.IsLogged ? "logged" : plan.Source.ToString().ToLowerInvariant();

    public static string Goals(StudyPlan plan) => string.Join(", ", plan.Goals.Select(g => $"{(g.Direction == Aim.Maximize ? "raise" : "lower")} {g.Metric}"));

    public static string Guardrail(StudyPlan plan, StudyGuardrail guardrail)
    {
        var bound = guardrail.AtMost ?? guardrail.AtLeast ?? double.NaN;
        return $"{(plan.IsOfPolicy ? "change of " : "")}{guardrail.Metric} {(guardrail.AtMost is null ? "at least" : "at most")} {(plan.IsOfPolicy ? Shown.Effect(bound, double.NaN, double.NaN) : Shown.Number(bound))}";
    }

    /// <summary>A metric's number: of a policy a change, on live arms against the present one, on logged decisions against what was served.</summary>
    public static string Value(StudyPlan plan, double value) => plan.IsOfPolicy ? Shown.Percent(value) : Shown.Number(value);

    /// <summary>With its 95 % interval where its error is known.</summary>
    public static string Metric(StudyPlan plan, TrialMetric metric)
    {
        var half = Normal95 * metric.StandardError;
        if (!(half > 0)) return Value(plan, metric.Mean);
        return plan.IsOfPolicy ? Shown.Effect(metric.Mean, metric.Mean - half, metric.Mean + half)
            : Shown.Interval(metric.Mean, metric.Mean - half, metric.Mean + half);
    }

    public static string Values(IEnumerable<KeyValuePair<string, ParameterValue>> values) =>
        string.Join(", ", values.Select(v => $"{v.Key} = {(v.Value.Category ?? Shown.Number(v.Value.Number))}"));

    public static string Why(string why) => why switch
    {
        "statusQuo" => "the present values",
        "start" => "start, by design",
        "explore" => "explore: little is known there",
        "exploit" => "exploit: expected to be better",
        "repeat" => "repeat, to know it better",
        _ => why,
    };

    /// <summary>Whether estimates on the log are of use to the model of live trials.</summary>
    public static string LogHelps(IEnumerable<KeyValuePair<string, bool>> helps) => string.Join(" ", helps.Select(h => h.Value
        ? $"Estimates on logged decisions help to foretell {h.Key} of live arms, so the model learns from both."
        : $"Estimates on logged decisions do not help to foretell {h.Key} of live arms, so they are left out."));

    public static string Range(EquallyGood range) => range.Low == range.High ? $"{range.Parameter} {Shown.Number(range.Low)}" : $"{range.Parameter} from {Shown.Number(range.Low)} to {Shown.Number(range.High)}";

    /// <summary>What more trials are expected to bring, and what that says; null before the model speaks.</summary>
    /// <param name="open">Trials being measured or waiting.</param>
    public static string? FurtherGain(StudyProgress progress, int open)
    {
        if (!double.IsFinite(progress.FurtherGain)) return null;
        var plan = progress.Study.Plan;
        var goal = plan.Goals[0];
        var who = open switch { 0 => "The next setting is", 1 => "It is", _ => $"The best of these {open} is" };
        var gain = plan.IsOfPolicy ? $"{Shown.Percent(progress.FurtherGain, 2)} of today’s {goal.Metric}" : $"{Shown.Number(progress.FurtherGain)} of {goal.Metric}";
        var best = progress.Best is { } found ? found.Predicted[goal.Metric] : default;
        var why = best.StandardError > 0 && progress.FurtherGain < best.StandardError / 10
            ? "That is little beside how exactly the best is known: stopping now would lose little."
            : "It is the mean over what the model holds possible: mostly nothing, sometimes more.";
        return $"Further gain expected: {who} expected to beat the best so far by {gain}. {why}";
    }

    /// <summary>Whether slices may be believed.</summary>
    public static string Verdict(CrossValidation check) => !double.IsFinite(check.RSquared) ? "Not enough trials to check the model."
        : check.RSquared >= 0.5 ? $"Predicts well: R² {Shown.Number(Math.Round(check.RSquared, 2))}."
        : check.RSquared >= CrossValidation.Unpredictable ? $"Predicts a little: R² {Shown.Number(Math.Round(check.RSquared, 2))}. Read the slices with care."
        : "Do not trust the slices yet: trials cannot be foretold from the others.";
}

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
        TrialSource.Simulator => "a simulator",
        _ => "your application",
    };

    public static string Goals(StudyPlan plan) => string.Join(", ", plan.Goals.Select(g => $"{(g.Direction == Aim.Maximize ? "raise" : "lower")} {g.Metric}"));

    public static string Guardrail(StudyPlan plan, StudyGuardrail guardrail) =>
        $"{guardrail.Metric} {(guardrail.AtMost is null ? "at least" : "at most")} {Value(plan, guardrail.AtMost ?? guardrail.AtLeast ?? double.NaN)}";

    /// <summary>A metric's number: on live arms a change against the present policy.</summary>
    public static string Value(StudyPlan plan, double value) => plan.Source == TrialSource.Live ? Shown.Percent(value) : Shown.Number(value);

    /// <summary>With its 95 % interval where its error is known.</summary>
    public static string Metric(StudyPlan plan, TrialMetric metric)
    {
        var half = Normal95 * metric.StandardError;
        if (!(half > 0)) return Value(plan, metric.Mean);
        return plan.Source == TrialSource.Live ? Shown.Effect(metric.Mean, metric.Mean - half, metric.Mean + half)
            : $"{Shown.Number(metric.Mean)} [{Shown.Number(metric.Mean - half)}, {Shown.Number(metric.Mean + half)}]";
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

    /// <summary>Whether slices may be believed.</summary>
    public static string Verdict(CrossValidation check) => !double.IsFinite(check.RSquared) ? "Not enough trials to check the model."
        : check.RSquared >= 0.5 ? $"Predicts well: R² {Shown.Number(Math.Round(check.RSquared, 2))}."
        : check.RSquared >= CrossValidation.Unpredictable ? $"Predicts a little: R² {Shown.Number(Math.Round(check.RSquared, 2))}. Read the slices with care."
        : "Do not trust the slices yet: trials cannot be foretold from the others.";
}

using Looper.Core.Models;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Models;

/// <summary>What a model's state means for the product, and how its figures read as sentences.</summary>
internal static class ModelWords
{
    public static string Href(ModelView model) => Href(model.DecisionPointKey, model.Number);

    public static string Href(string key, int number) => $"/decision-points/{key}/models/{number}";

    /// <summary>One sentence: what it does now.</summary>
    public static string Meaning(ModelView model) => model switch
    {
        { State: ModelState.Live } => $"It answers now: decisions of {model.DecisionPointKey} rest on what it predicts for {model.Outcome}.",
        { State: ModelState.Shadow } => "It scores live decisions beside the live model, and answers none of them.",
        { State: ModelState.Candidate } => "It is trained and judged, and reaches nobody: promote it by hand, or leave it to the rule.",
        { PromotedAt: { } from, RetiredAt: { } until } => $"It answers no more. It was live for {Shown.Duration(until - from)}.",
        _ => "It answers no more, and never did.",
    };

    /// <summary>What a person without statistics can take from the figures.</summary>
    public static string Summary(ModelQuality quality)
    {
        var rows = $"On the {Shown.Count(quality.Rows)} newest examples of {Shown.Plural(quality.Units, "unit")}, which it has not learned from";
        if (quality.Of(QualityMetric.Auc) is { } auc && double.IsFinite(auc.Value))
            return $"{rows}, it puts a yes before a no {Shown.Percent(auc.Value)} of the time{Range(auc, v => Shown.Percent(v))}; chance alone gives 50%.";
        return quality.Main is { } main && double.IsFinite(main.Average)
            ? $"{rows}, its {MetricNames.Of(main.Name)} is {MetricNames.Written(main)}; always the average has {Shown.Number(main.Average)}."
            : $"{rows}.";
    }

    /// <summary>Whether the model beats always predicting the average, as far as this metric alone can tell.</summary>
    public static string Better(QualityMetric metric)
    {
        if (!double.IsFinite(metric.Value) || !double.IsFinite(metric.Average) || metric.Name is QualityMetric.CalibrationError or QualityMetric.Coverage) return Shown.Nothing;
        var better = metric.Value > metric.Average == MetricNames.HigherIsBetter(metric.Name);
        if (!double.IsFinite(metric.Low)) return better ? "probably" : "no";
        if (metric.Low <= metric.Average && metric.Average <= metric.High) return "cannot tell from this alone";
        return better ? "yes" : "no";
    }

    /// <summary>Which model was better on the same rows.</summary>
    /// <param name="gain">Loss of A − loss of B.</param>
    public static string Verdict(ClusteredMean gain, int a, int b)
    {
        if (!double.IsFinite(gain.Low)) return "There are too few units to tell them apart.";
        if (gain.Low > 0) return $"Model {b} predicts better than model {a}: the interval lies above zero.";
        if (gain.High < 0) return $"Model {a} predicts better than model {b}: the interval lies below zero.";
        return "They cannot be told apart: the interval contains zero.";
    }

    private static string Range(QualityMetric metric, Func<double, string> write) =>
        double.IsFinite(metric.Low) && double.IsFinite(metric.High) ? $" [{write(metric.Low)}, {write(metric.High)}]" : "";
}

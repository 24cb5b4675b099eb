using System.Globalization;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>Values of a blueprint as people say them.</summary>
public static class Words
{
    public static string Of(DecisionShape shape) => shape switch
    {
        DecisionShape.Binary => "yes or no",
        DecisionShape.Choice => "a choice",
        DecisionShape.Pick => "a pick among candidates",
        DecisionShape.Ranking => "a ranking of candidates",
        DecisionShape.Configuration => "a configuration",
        _ => "a value",
    };

    public static string Of(FeatureKind kind) => kind switch
    {
        FeatureKind.Number => "number",
        FeatureKind.Boolean => "yes/no",
        FeatureKind.Time => "time",
        FeatureKind.Tags => "tags",
        FeatureKind.Vector => "vector",
        _ => "category",
    };

    /// <summary>As what something is: "a category", "tags".</summary>
    public static string Being(FeatureKind kind) => kind == FeatureKind.Tags ? "tags" : $"a {Of(kind)}";

    /// <summary>Its type, and where it comes from if it is not sent.</summary>
    public static string Of(Feature feature) => feature switch
    {
        { Derived: { } derivation } => $"{Of(feature.Kind)}, {derivation.InWords}",
        { Kind: FeatureKind.Vector, Dimension: { } dimension } => $"vector of {dimension} {(dimension == 1 ? "number" : "numbers")}",
        _ => Of(feature.Kind),
    };

    /// <summary>What to send so that a value fits.</summary>
    public static string Wanted(Feature feature) => feature.Kind switch
    {
        FeatureKind.Number => "Send a finite number, such as 12.5.",
        FeatureKind.Boolean => "Send true or false.",
        FeatureKind.Time => "Send a time like 2026-11-22T10:00:00Z, or Unix seconds.",
        FeatureKind.Tags => $"Send an array of up to {Feature.MostTags} texts, such as [\"news\", \"sport\"].",
        FeatureKind.Vector => $"Send an array of exactly {feature.Dimension} finite numbers.",
        _ => "Send one text, such as \"NL\".",
    };

    public static string Of(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Boolean => "yes/no",
        OutcomeKind.Count => "count",
        OutcomeKind.Duration => "duration",
        _ => "number",
    };

    public static string Of(OutcomeTarget target) => target switch
    {
        OutcomeTarget.Quantile => "quantile",
        OutcomeTarget.Count => "count",
        _ => "mean",
    };

    public static string Of(ModelFamily family) => family switch
    {
        ModelFamily.Trees => "boosted trees",
        ModelFamily.Linear => "linear",
        ModelFamily.Network => "small network",
        _ => "chosen by the search",
    };

    public static string Of(ConfigurationKind kind) => kind switch
    {
        ConfigurationKind.Whole => "whole number",
        ConfigurationKind.Category => "category",
        _ => "number",
    };

    /// <summary>Its kind and limits.</summary>
    public static string Of(ConfigurationParameter parameter) => parameter.Kind == ConfigurationKind.Category
        ? $"one of {List(parameter.Values, "or")}"
        : $"{Of(parameter.Kind)} from {Number(parameter.Low)} to {Number(parameter.High)}{(parameter.Log ? ", logarithmic" : "")}";

    public static string Of(Direction better) => better == Direction.Higher ? "higher" : "lower";

    public static string Of(Aggregation aggregation) => aggregation switch
    {
        Aggregation.First => "first",
        Aggregation.Last => "last",
        Aggregation.Sum => "sum",
        Aggregation.Max => "largest",
        Aggregation.Mean => "average",
        _ => "any",
    };

    public static string Of(PolicySpec policy) => policy switch
    {
        FixedPolicy one => $"always {Configuration.InWords(one.Option)}",
        RandomPolicy { Weights.IsEmpty: true } => "random, equal shares",
        RandomPolicy random => $"random, shares {string.Join(" : ", random.Weights.Select(w => w.ToString(CultureInfo.InvariantCulture)))}",
        BestPolicy => "best predicted",
        AsSentPolicy => "as sent",
        SoftmaxPolicy soft => $"by prediction, softmax with temperature {Number(soft.Temperature)}",
        TreePolicy { Explore: 0 } tree => tree.Root.ToString(),
        TreePolicy tree => $"{tree.Root}, exploring {Percent(tree.Explore)}",
        BanditPolicy bandit => $"learning minute by minute ({bandit.Algorithm}), {Percent(bandit.Explore)} always at random{(bandit.Budget is { } budget ? $", exploring at most {Percent(budget)}" : "")}",
        EpsilonGreedyPolicy greedy => $"best predicted, exploring {Percent(greedy.Epsilon)}",
        _ => policy.GetType().Name,
    };

    public static string Of(Goal goal, IEnumerable<Outcome>? outcomes = null)
    {
        if (goal.Terms.IsEmpty) return "none yet";
        var lower = (outcomes ?? []).Where(o => o.Better == Direction.Lower).Select(o => o.Name).ToHashSet();
        if (goal.Terms is [{ Weight: 1 } only] && !lower.Contains(only.Outcome)) return only.Outcome;
        return string.Concat(goal.Terms.Select((t, i) => $"{(lower.Contains(t.Outcome) ? (i == 0 ? "−" : " − ") : (i == 0 ? "" : " + "))}{Number(t.Weight)} × {t.Outcome}"));
    }

    public static string Of(TimeSpan span)
    {
        var (count, unit) = span.Ticks switch
        {
            _ when span.Ticks % TimeSpan.TicksPerDay == 0 => (span.TotalDays, "day"),
            _ when span.Ticks % TimeSpan.TicksPerHour == 0 => (span.TotalHours, "hour"),
            _ when span.Ticks % TimeSpan.TicksPerMinute == 0 => (span.TotalMinutes, "minute"),
            _ => (span.TotalSeconds, "second"),
        };
        return $"{Number(count)} {unit}{(count == 1 ? "" : "s")}";
    }

    /// <summary><c>every day</c>, <c>every 6 hours</c>.</summary>
    public static string Every(TimeSpan span) => Of(span) is var text && text.StartsWith("1 ", StringComparison.Ordinal) ? $"every {text[2..]}" : $"every {text}";

    public static string OfAbsent(double? absent, OutcomeKind kind) => absent switch
    {
        null => "unknown",
        0 when kind == OutcomeKind.Boolean => "no",
        1 when kind == OutcomeKind.Boolean => "yes",
        { } value => Number(value),
    };

    public static string Percent(double fraction) => $"{Number(Math.Round(fraction * 100, 6))}%";

    public static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);

    /// <summary><c>a</c>, <c>a and b</c>, <c>a, b and c</c>.</summary>
    public static string List(IReadOnlyList<string> names, string and = "and") => names.Count switch
    {
        0 => "nothing",
        1 => names[0],
        _ => $"{string.Join(", ", names.Take(names.Count - 1))} {and} {names[^1]}",
    };

    /// <summary>A number with its interval: <c>2.35 [1.72, 2.98]</c>, a difference <c>+0.62 pp [+0.11 pp, +1.13 pp]</c>. Half the interval has two significant digits.</summary>
    public static string Interval(double value, double low, double high, string unit = "", bool isDifference = false)
    {
        var decimals = Decimals(low, high);
        return $"{Number(value, decimals, isDifference)}{unit} [{Number(low, decimals, isDifference)}{unit}, {Number(high, decimals, isDifference)}{unit}]";
    }

    /// <summary>A p-value: three decimals, <c>&lt;0.001</c> below, and never 1.</summary>
    public static string P(double p) => p < 0.001 ? "<0.001" : p > 0.999 ? ">0.999" : p.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>Decimals of a number and its bounds: two significant digits of half the interval.</summary>
    public static int Decimals(double low, double high)
    {
        var half = Math.Abs(high - low) / 2;
        return half > 0 && double.IsFinite(half) ? Math.Clamp(1 - (int)Math.Floor(Math.Log10(half)), 0, 9) : 2;
    }

    /// <summary>With a true minus sign and never a minus zero; a difference has its plus too.</summary>
    public static string Number(double value, int decimals, bool isDifference = false)
    {
        var digits = decimals == 0 ? "#,##0" : "#,##0." + new string('0', decimals);
        return value.ToString($"{(isDifference ? "+" : "")}{digits};−{digits};{digits}", CultureInfo.InvariantCulture);
    }
}

using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Experiments;

/// <summary>How a metric is made from outcomes.</summary>
public enum MetricKind
{
    /// <summary>The outcome's own value per unit.</summary>
    Mean,

    /// <summary>Share of units with any such outcome.</summary>
    Conversion,

    /// <summary>Number of observations per unit.</summary>
    Count,

    /// <summary>Sum of the values per unit.</summary>
    Sum,

    /// <summary>One outcome's total over another's (revenue per order).</summary>
    Ratio,

    /// <summary>A quantile of all single observations.</summary>
    Quantile,

    /// <summary>Share of units with any such outcome in a later span (day 7 to 14).</summary>
    Retention,

    /// <summary>Share of units that went through several outcomes in order.</summary>
    Funnel,
}

/// <summary>A number that an experiment is read by, defined in its plan: frozen with it.</summary>
public sealed record Metric
{
    /// <summary>Names it in reports and exports; differs from every outcome's name.</summary>
    public required string Key { get; init; }

    public required MetricKind Kind { get; init; }

    /// <summary>The outcome it is made from (of a ratio, the upper one); null for a funnel.</summary>
    public string? Outcome { get; init; }

    /// <summary>Of a ratio: the outcome whose total divides.</summary>
    public string? Denominator { get; init; }

    /// <summary>Of a funnel: outcomes in the order they must happen in.</summary>
    public ImmutableArray<string> Steps { get; init; } = [];

    /// <summary>Of a quantile: which, in (0, 1).</summary>
    public double Quantile { get; init; } = 0.5;

    /// <summary>Start of the span from the exposure on; only for retention.</summary>
    public TimeSpan From { get; init; }

    /// <summary>Length of the span; null takes the outcome's window.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>Share of units kept as they are; larger values are cut there. 1 cuts nothing.</summary>
    public double CapPercentile { get; init; } = 1;

    /// <summary>Counts only units whose context at exposure passes every filter.</summary>
    public ImmutableArray<ContextFilter> Only { get; init; } = [];

    /// <summary>Takes out what the same metric was in this span before exposure; null takes nothing.</summary>
    public TimeSpan? PrePeriod { get; init; }

    /// <summary>Null takes the outcome's.</summary>
    public Direction? Better { get; init; }

    public MetricRole Role { get; init; } = MetricRole.Secondary;

    /// <summary>Of a guardrail: how much worse, as a fraction of the baseline, is still acceptable.</summary>
    public double? Margin { get; init; }

    /// <summary>What it measures, in words.</summary>
    public string Definition => string.Concat(What, Span, Only.IsDefaultOrEmpty ? "" : $", only where {string.Join(" and ", Only.Select(f => f.Words))}",
        CapPercentile < 1 ? FormattableString.Invariant($", cut at the {100 * CapPercentile:0.###}th percentile") : "",
        PrePeriod is { } before ? $", less what {DurationJson.Text(before)} before foretold" : "");

    private string What => Kind switch
    {
        MetricKind.Conversion => $"share of units with {Outcome}",
        MetricKind.Count => $"number of {Outcome} per unit",
        MetricKind.Sum => $"sum of {Outcome} per unit",
        MetricKind.Ratio => $"total {Outcome} over total {Denominator}",
        MetricKind.Quantile => FormattableString.Invariant($"{100 * Quantile:0.##}th percentile of single {Outcome}"),
        MetricKind.Retention => $"share of units with {Outcome}",
        MetricKind.Funnel => $"share of units that went through {string.Join(", then ", Steps.IsDefault ? [] : Steps)}",
        _ => $"{Outcome} per unit",
    };

    private string Span => Kind == MetricKind.Retention
        ? $" from {DurationJson.Text(From)} to {DurationJson.Text(From + (Window ?? TimeSpan.Zero))} after exposure"
        : Window is { } window ? $" within {DurationJson.Text(window)} of exposure" : "";
}

public enum FilterRule
{
    Is,
    IsNot,
    AtLeast,
    Below,
    Contains,
    Lacks,
}

/// <summary>A condition on a feature as served at a unit's first decision. A missing value passes only <see cref="FilterRule.IsNot"/> and
/// <see cref="FilterRule.Lacks"/>.</summary>
/// <param name="Value">A category, a tag, <c>yes</c> or <c>no</c>, or a number.</param>
public sealed record ContextFilter(string Feature, FilterRule Rule, string Value)
{
    public string Words => Rule switch
    {
        FilterRule.Is => $"{Feature} is {Value}",
        FilterRule.IsNot => $"{Feature} is not {Value}",
        FilterRule.AtLeast => $"{Feature} is at least {Value}",
        FilterRule.Contains => $"{Feature} contains {Value}",
        FilterRule.Lacks => $"{Feature} does not contain {Value}",
        _ => $"{Feature} is below {Value}",
    };
}

using Looper.Core.Blueprints;
using Looper.Core.Experiments;

namespace Looper.Web.Console.Experiments;

/// <summary>A metric while it is edited: shares in percent, spans as people write them.</summary>
public sealed class EditedMetric
{
    public string Key { get; set; } = "";
    public MetricKind Kind { get; set; } = MetricKind.Sum;
    public string Outcome { get; set; } = "";
    public string Denominator { get; set; } = "";
    public string Steps { get; set; } = "";
    public double QuantilePercent { get; set; } = 50;
    public string From { get; set; } = "";
    public string Window { get; set; } = "";
    public double CapPercent { get; set; } = 100;
    public string PrePeriod { get; set; } = "";
    public string Better { get; set; } = "";
    public MetricRole Role { get; set; } = MetricRole.Secondary;
    public double? MarginPercent { get; set; }
    public List<Filter> Only { get; } = [];

    public static EditedMetric Of(Metric metric)
    {
        var edited = new EditedMetric
        {
            Key = metric.Key,
            Kind = metric.Kind,
            Outcome = metric.Outcome ?? "",
            Denominator = metric.Denominator ?? "",
            Steps = metric.Steps.IsDefault ? "" : string.Join(", ", metric.Steps),
            QuantilePercent = Math.Round(100 * metric.Quantile, 9),
            From = metric.From == TimeSpan.Zero ? "" : DurationJson.Text(metric.From),
            Window = metric.Window is { } window ? DurationJson.Text(window) : "",
            CapPercent = Math.Round(100 * metric.CapPercentile, 9),
            PrePeriod = metric.PrePeriod is { } before ? DurationJson.Text(before) : "",
            Better = metric.Better?.ToString() ?? "",
            Role = metric.Role,
            MarginPercent = metric.Margin is { } margin ? Math.Round(100 * margin, 9) : null,
        };
        if (!metric.Only.IsDefault) edited.Only.AddRange(metric.Only.Select(f => new Filter { Feature = f.Feature, Rule = f.Rule, Value = f.Value }));
        return edited;
    }

    /// <summary>What was typed; a span that cannot be read becomes one that the rules refuse by its field.</summary>
    public Metric ToMetric() => new()
    {
        Key = Key.Trim(),
        Kind = Kind,
        Outcome = Kind == MetricKind.Funnel ? null : Outcome,
        Denominator = Kind == MetricKind.Ratio ? Denominator : null,
        Steps = Kind == MetricKind.Funnel ? [.. Steps.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)] : [],
        Quantile = Kind == MetricKind.Quantile ? Fraction(QuantilePercent) : 0.5,
        From = Kind == MetricKind.Retention ? Span(From) ?? TimeSpan.Zero : TimeSpan.Zero,
        Window = Span(Window),
        CapPercentile = Kind is MetricKind.Mean or MetricKind.Count or MetricKind.Sum ? Fraction(CapPercent) : 1,
        PrePeriod = Kind is MetricKind.Quantile or MetricKind.Funnel ? null : Span(PrePeriod),
        Better = Enum.TryParse<Direction>(Better, out var better) ? better : null,
        Role = Role,
        Margin = Role == MetricRole.Guardrail && MarginPercent is { } margin ? Fraction(margin) : null,
        Only = [.. Only.Select(f => new ContextFilter(f.Feature, f.Rule, f.Value.Trim()))],
    };

    // 99.9 over 100 is 0.999 as it was typed, not its nearest neighbour.
    private static double Fraction(double percent) => Math.Round(percent / 100, 12);

    private static TimeSpan? Span(string text) =>
        string.IsNullOrWhiteSpace(text) ? null : DurationJson.TryParse(text.Trim(), out var span) ? span : TimeSpan.FromTicks(-1);

    public sealed class Filter
    {
        public string Feature { get; set; } = "";
        public FilterRule Rule { get; set; }
        public string Value { get; set; } = "";
    }
}

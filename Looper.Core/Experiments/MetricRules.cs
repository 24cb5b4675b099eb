using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;

namespace Looper.Core.Experiments;

/// <summary>What a defined metric must keep. Pure: all faults, each with field, reason and fix.</summary>
internal static class MetricRules
{
    public const int MaxMetrics = 30, MaxSteps = 8, MaxFilters = 5, MaxKey = 64;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(180), Shortest = TimeSpan.FromMinutes(1);

    public const string SpanWords = "give at most 180 days.";

    /// <summary>The first span of a metric that is longer than any may be, in either direction; null where none is.</summary>
    public static string? Endless(Metric metric) => IsEndless(metric.From) ? "from" : IsEndless(metric.Window) ? "window" : IsEndless(metric.PrePeriod) ? "prePeriod" : null;

    private static bool IsEndless(TimeSpan? span) => span < -Longest || span > Longest;

    public static void Check(ExperimentPlan plan, BlueprintContent blueprint, Action<string, string> fault)
    {
        if (plan.Metrics.IsDefaultOrEmpty) return;
        if (plan.Metrics.Length > MaxMetrics) fault("metrics", $"{plan.Metrics.Length} metrics are more than {MaxMetrics}. Keep those that could change a decision.");
        var keys = blueprint.Outcomes.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < plan.Metrics.Length; i++)
        {
            var (metric, field) = (plan.Metrics[i], $"metrics[{i}]");
            if (string.IsNullOrWhiteSpace(metric.Key) || metric.Key.Length > MaxKey || metric.Key.Any(c => char.IsControl(c) || c == '/'))
                fault($"{field}.key", $"give 1 to {MaxKey} characters without slashes, for example revenue-per-order.");
            else if (!keys.Add(metric.Key)) fault($"{field}.key", $"'{metric.Key}' names another metric or an outcome. Give each its own.");
            new One(metric, field, blueprint, fault).Check();
        }
    }

    private sealed class One(Metric metric, string field, BlueprintContent blueprint, Action<string, string> fault)
    {
        public void Check()
        {
            CheckOutcomes();
            CheckSpans();
            if (metric.Kind == MetricKind.Quantile && !(metric.Quantile > 0 && metric.Quantile < 1))
                fault($"{field}.quantile", "give a share between 0 and 1, 0.5 for the median.");
            if (!(metric.CapPercentile > 0.5 && metric.CapPercentile <= 1)) fault($"{field}.capPercentile", "give a share from 0.5 to 1; 0.999 is usual, 1 cuts nothing.");
            else if (metric.CapPercentile < 1 && metric.Kind is not (MetricKind.Mean or MetricKind.Count or MetricKind.Sum))
                fault($"{field}.capPercentile", "only means, counts and sums can be cut. Leave it at 1.");
            if (metric.Role == MetricRole.Guardrail && !(metric.Margin > 0 && double.IsFinite(metric.Margin.Value)))
                fault($"{field}.margin", "a guardrail needs a margin above 0: how much worse is still acceptable, 0.01 for 1%.");
            for (var k = 0; k < metric.Only.Length; k++) CheckFilter(metric.Only[k], $"{field}.only[{k}]");
            if (metric.Only.Length > MaxFilters) fault($"{field}.only", $"{metric.Only.Length} filters are more than {MaxFilters}.");
        }

        // One event would be both steps, and the two shares would have one name.
        private void CheckStep(int k)
        {
            CheckOutcome($"{field}.steps[{k}]", metric.Steps[k]);
            if (metric.Steps.IndexOf(metric.Steps[k]) < k)
                fault($"{field}.steps[{k}]", $"'{metric.Steps[k]}' is a step already, and one event cannot be two. Name each outcome once.");
        }

        private void CheckOutcomes()
        {
            if (metric.Kind == MetricKind.Funnel)
            {
                if (metric.Steps.IsDefault || metric.Steps.Length < 2 || metric.Steps.Length > MaxSteps)
                    fault($"{field}.steps", $"name 2 to {MaxSteps} outcomes in the order they must happen in.");
                else for (var k = 0; k < metric.Steps.Length; k++) CheckStep(k);
                return;
            }

            CheckOutcome($"{field}.outcome", metric.Outcome);
            if (metric.Kind == MetricKind.Ratio) CheckOutcome($"{field}.denominator", metric.Denominator);
            if (metric.Kind == MetricKind.Quantile && blueprint.Outcomes.Any(o => o.Name == metric.Outcome && o.Kind == OutcomeKind.Boolean))
                fault($"{field}.outcome", $"'{metric.Outcome}' is yes or no, which has no quantiles. Take its conversion.");
        }

        private void CheckOutcome(string at, string? name)
        {
            if (!blueprint.Outcomes.Any(o => o.Name == name))
                fault(at, $"'{name}' is not an outcome of this blueprint. Choose one of {string.Join(", ", blueprint.Outcomes.Select(o => o.Name))}.");
        }

        private void CheckSpans()
        {
            if (metric.Window is { } window && (window < Shortest || window > Longest || metric.From > Longest - window)) fault($"{field}.window", "give one minute to 180 days.");
            if (metric.Kind == MetricKind.Retention)
            {
                if (metric.Window is null) fault($"{field}.window", "say how long the span of retention is, 7d for a week.");
                if (metric.From < TimeSpan.Zero || metric.From > Longest) fault($"{field}.from", "give 0 to 180 days after exposure.");
            }
            else if (metric.From != TimeSpan.Zero) fault($"{field}.from", "only retention begins later than the exposure. Leave it out.");
            if (metric.PrePeriod is not { } before) return;
            if (before < Shortest || before > Longest) fault($"{field}.prePeriod", "give one minute to 180 days.");
            else if (metric.Kind is MetricKind.Quantile or MetricKind.Funnel) fault($"{field}.prePeriod", "quantiles and funnels are not adjusted. Leave it out.");
        }

        private void CheckFilter(ContextFilter filter, string at)
        {
            var feature = blueprint.Features.FirstOrDefault(f => f.Name == filter.Feature);
            var isNumber = double.TryParse(filter.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number);
            if (feature is null) fault($"{at}.feature", $"'{filter.Feature}' is not a feature of this blueprint.");
            else if (FilterRules.TagFault(filter, feature) is { } unfit) fault($"{at}.rule", unfit);
            else if (filter.Rule is FilterRule.AtLeast or FilterRule.Below && (feature.Kind != FeatureKind.Number || !isNumber))
                fault($"{at}.value", $"'{filter.Feature}' at least or below something takes a number feature and a number.");
            else if (feature.Kind == FeatureKind.Boolean && filter.Value is not ("yes" or "no")) fault($"{at}.value", $"'{filter.Feature}' is yes or no.");
            else if (feature.Kind == FeatureKind.Number && !isNumber) fault($"{at}.value", $"'{filter.Value}' is not a number.");
        }
    }
}

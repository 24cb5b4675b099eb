using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;

namespace Looper.Core.Experiments;

/// <summary>All metrics of a plan, ready to be read, and what must be folded per unit for them.</summary>
internal sealed record MetricSpecs(ImmutableArray<MetricSpec> All, ImmutableArray<Measure> Measures)
{
    /// <summary>Every outcome of the blueprint as it is, then the plan's own metrics.</summary>
    /// <param name="stageDays">Days in a stage of the time after the exposure through which goals are followed; 0 follows none.</param>
    public static MetricSpecs Of(ExperimentPlan plan, string primary, BlueprintContent blueprint, int stageDays = 0)
    {
        var measures = new List<Measure>();
        var guardrails = GuardrailRules.Of(plan, blueprint);
        var all = blueprint.Outcomes.Select((outcome, i) => OfOutcome(plan, primary, blueprint, guardrails, outcome, i)).ToList();
        if (!plan.Metrics.IsDefault)
            foreach (var metric in plan.Metrics) all.AddRange(new One(metric, primary, blueprint, measures).Specs());
        ImmutableArray<MetricSpec> followed = [.. all.Select(Followed)]; // adds to what is measured
        return new(followed, [.. measures]);

        MetricSpec Followed(MetricSpec spec)
        {
            if (stageDays == 0 || spec.Value < 0) return spec;
            var whole = spec.Value < blueprint.Outcomes.Length ? new Measure(blueprint.Outcomes[spec.Value]) : measures[spec.Value - blueprint.Outcomes.Length];
            if (!NoveltyEffects.Follows(spec, whole)) return spec;
            var first = blueprint.Outcomes.Length + measures.Count;
            measures.AddRange(NoveltyEffects.Measures(whole, stageDays));
            return spec with { Stages = [.. Enumerable.Range(first, NoveltyEffects.Stages)] };
        }
    }

    /// <summary>How long after a unit's first decision a metric is known; zero where there is none of that name.</summary>
    public static TimeSpan WindowOf(ExperimentPlan plan, string metric, BlueprintContent blueprint) =>
        Of(plan, metric, blueprint).All.FirstOrDefault(s => s.Outcome.Name == metric)?.Outcome.Window ?? TimeSpan.Zero;

    private static MetricSpec OfOutcome(ExperimentPlan plan, string primary, BlueprintContent blueprint, ImmutableArray<Guardrail> guardrails, Outcome outcome, int index)
    {
        var guardrail = guardrails.FirstOrDefault(g => g.Outcome == outcome.Name);
        var role = outcome.Name == primary || blueprint.Goal.Terms.Any(t => t.Outcome == outcome.Name) ? MetricRole.Goal
            : guardrail is not null ? MetricRole.Guardrail
            : MetricRole.Secondary;
        return new(outcome, outcome.Kind == OutcomeKind.Boolean ? MetricKind.Conversion : MetricKind.Mean, role, $"{outcome.Name} per unit within {DurationJson.Text(outcome.Window)}")
        {
            Margin = guardrail?.MarginRelative ?? double.NaN,
            MarginNote = GuardrailRules.Changed(plan, blueprint, outcome.Name),
            CapPercentile = outcome.Kind == OutcomeKind.Boolean ? 1 : plan.CapPercentile,
            Value = index,
        };
    }

    private sealed class One(Metric metric, string primary, BlueprintContent blueprint, List<Measure> measures)
    {
        private MetricRole Role => metric.Key == primary ? MetricRole.Goal : metric.Role;

        public IEnumerable<MetricSpec> Specs()
        {
            if (metric.Kind == MetricKind.Funnel) return Funnel();
            var outcome = Find(metric.Outcome!);
            var spec = Spec(metric.Key, metric.Kind, metric.Kind is MetricKind.Conversion or MetricKind.Retention ? OutcomeKind.Boolean : metric.Kind == MetricKind.Count ? OutcomeKind.Count : outcome.Kind == OutcomeKind.Boolean && metric.Kind != MetricKind.Mean ? OutcomeKind.Number : outcome.Kind, outcome);
            return
            [
                spec with
                {
                    Value = Add(Folded(outcome)),
                    Divisor = metric.Kind == MetricKind.Ratio ? Add(Folded(Find(metric.Denominator!))) : -1,
                    Before = metric.PrePeriod is { } before ? Add(Measure.Before(Folded(outcome).Outcome with { Absent = 0 }, before) with { Counts = metric.Kind == MetricKind.Count }) : -1,
                },
            ];
        }

        private IEnumerable<MetricSpec> Funnel()
        {
            ImmutableArray<int> steps = [.. metric.Steps.Select(s => Add(Span(Find(s) with { Aggregation = Aggregation.Any, Absent = 0 }) with { KeepsEvents = true }))];
            var last = Find(metric.Steps[^1]);
            for (var step = 1; step <= steps.Length; step++)
            {
                var (name, isLast) = (metric.Steps[step - 1], step == steps.Length);
                var reached = Spec(isLast ? metric.Key : $"{metric.Key}/{name}", MetricKind.Funnel, OutcomeKind.Boolean, last) with { Steps = steps[..step], Reached = step };
                yield return isLast ? reached : reached with { Role = MetricRole.Secondary, Margin = double.NaN, Definition = $"share of units that came to {name}: {metric.Definition}" };
                if (step < 2) continue;
                var before = metric.Steps[step - 2];
                yield return Spec($"{metric.Key}/{name} of {before}", MetricKind.Ratio, OutcomeKind.Number, last) with
                {
                    Steps = steps[..step],
                    Reached = step,
                    Role = MetricRole.Secondary,
                    Margin = double.NaN,
                    Definition = $"units that came to {name} over units that came to {before}: {metric.Definition}",
                };
            }
        }

        private MetricSpec Spec(string key, MetricKind kind, OutcomeKind shown, Outcome outcome) => new(
            new Outcome(key, shown)
            {
                Better = metric.Better ?? outcome.Better,
                Window = metric.From + (metric.Window ?? outcome.Window),
                UnitOfMeasure = shown == OutcomeKind.Boolean || kind is MetricKind.Ratio or MetricKind.Count ? null : outcome.UnitOfMeasure,
            }, kind, Role, metric.Definition)
        {
            Margin = metric.Margin ?? double.NaN,
            CapPercentile = metric.CapPercentile,
            Quantile = metric.Quantile,
            Only = metric.Only.IsDefault ? [] : metric.Only,
        };

        private Measure Folded(Outcome outcome) => metric.Kind switch
        {
            MetricKind.Conversion => Span(outcome with { Aggregation = Aggregation.Any, Absent = 0 }),
            MetricKind.Count => Span(outcome with { Absent = 0 }) with { Counts = true },
            MetricKind.Sum or MetricKind.Ratio => Span(outcome with { Aggregation = Aggregation.Sum, Absent = 0 }),
            MetricKind.Quantile => Span(outcome with { Aggregation = Aggregation.Sum, Absent = 0 }) with { KeepsEvents = true },
            MetricKind.Retention => Span(outcome with { Aggregation = Aggregation.Any, Absent = 0 }),
            _ => Span(outcome),
        };

        private Measure Span(Outcome outcome) => new(outcome) { From = metric.From, Until = metric.From + (metric.Window ?? outcome.Window) };

        // What another metric folds already is folded once.
        private int Add(Measure measure)
        {
            var outcome = blueprint.Outcomes.Select(o => new Measure(o)).ToList().IndexOf(measure);
            if (outcome >= 0) return outcome;
            var known = measures.IndexOf(measure);
            if (known >= 0) return blueprint.Outcomes.Length + known;
            measures.Add(measure);
            return blueprint.Outcomes.Length + measures.Count - 1;
        }

        private Outcome Find(string name) => blueprint.Outcomes.First(o => o.Name == name);
    }
}

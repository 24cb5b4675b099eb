using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Personalization;

namespace Looper.Core.LongTerm;

/// <summary>Something that is known of a unit soon after its first decision.</summary>
/// <param name="Name">As it is shown: <c>purchase within 7d</c>.</param>
internal sealed record EarlyOutcome(string Name, Measure Measure)
{
    /// <summary>Every outcome as far as it has come by then, and the metric itself.</summary>
    /// <param name="by">So long after the first decision.</param>
    public static ImmutableArray<EarlyOutcome> Of(EffectMetric metric, MetricSpecs specs, BlueprintContent blueprint, TimeSpan by)
    {
        List<Measure> all = [.. blueprint.Outcomes.Select(o => new Measure(o))];
        all.AddRange(metric.Terms.Where(t => t.Spec.Value >= 0).Select(t => Whole(specs, blueprint, t.Spec.Value)).Where(m => m.From < by));
        return [.. all.Select(m => m with { Until = m.Until < by ? m.Until : by, KeepsEvents = false }).Distinct().Select(m => new EarlyOutcome(NameOf(m), m))];
    }

    /// <summary>The number of that place among a unit’s values.</summary>
    public static Measure Whole(MetricSpecs specs, BlueprintContent blueprint, int value) =>
        value < blueprint.Outcomes.Length ? new(blueprint.Outcomes[value]) : specs.Measures[value - blueprint.Outcomes.Length];

    private static string NameOf(Measure measure)
    {
        var what = measure.Counts ? $"number of {measure.Outcome.Name}" : measure.Outcome.Aggregation == Aggregation.Last ? measure.Outcome.Name
            : $"{measure.Outcome.Name} ({measure.Outcome.Aggregation.ToString().ToLowerInvariant()})";
        return measure.From > TimeSpan.Zero ? $"{what} between {DurationJson.Text(measure.From)} and {DurationJson.Text(measure.Until)}" : $"{what} within {DurationJson.Text(measure.Until)}";
    }
}

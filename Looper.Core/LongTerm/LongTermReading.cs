using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Models;
using Looper.Core.Personalization;

namespace Looper.Core.LongTerm;

/// <summary>What is read of each unit: its early outcomes, then the terms of the metric.</summary>
/// <param name="versions">All versions of the decision point that can be read.</param>
/// <param name="version">The one whose outcomes and features count.</param>
internal sealed class LongTermReading(EffectMetric metric, MetricSpecs specs, ImmutableArray<EarlyOutcome> early, IReadOnlyDictionary<int, BlueprintContent> versions, int version)
{
    private readonly int _first = versions[version].Outcomes.Length + specs.Measures.Length;
    private readonly Dictionary<int, ImmutableArray<Feature>> _features = versions.ToDictionary(v => v.Key, v => v.Value.Features);
    private ContextFilters? _filters;
    private readonly Dictionary<int, bool> _defines = [];
    private readonly Dictionary<int, bool[]> _defined = [];

    public EffectMetric Metric => metric;

    public ImmutableArray<EarlyOutcome> Early => early;

    public ServedColumns Columns { get; } = new(versions.ToDictionary(v => v.Key, v => v.Value.Features), version);

    public BlueprintContent Blueprint => versions[version];

    /// <summary>Numbers read of a unit.</summary>
    public int Width => early.Length + metric.Terms.Length;

    public ExposureQuery Query(Guid decisionPointId, Guid experimentId, DateTimeOffset asOf) =>
        new(decisionPointId, experimentId, Blueprint.Outcomes) { Measures = [.. specs.Measures, .. early.Select(e => e.Measure)], AsOf = asOf };

    /// <summary>Says of a unit's context whether it passes.</summary>
    public ContextFilters Filters(ImmutableArray<ContextFilter> filters) => new(filters, _features);

    /// <summary>The metric is one of this unit: its context passes the filter, and its version waited for the same outcomes.</summary>
    public bool Takes(DecisionRecord decision) => Defines(decision.BlueprintVersion) && (_filters ??= Filters(metric.Filters)).Passes(decision);

    public bool IsEarlyKnown(ExposedUnit unit)
    {
        for (var j = 0; j < early.Length; j++)
            if (!unit.Closed[_first + j]) return false;
        return true;
    }

    /// <summary>Early outcomes and terms; NaN where unknown, or not defined alike by the unit’s version.</summary>
    public double[] Values(ExposedUnit unit)
    {
        var values = new double[Width];
        var defined = Defined(unit.Decision.BlueprintVersion);
        for (var j = 0; j < early.Length; j++) values[j] = defined[j] ? unit.Values[_first + j] : double.NaN;
        if (!metric.TryRead(unit, values.AsSpan(early.Length))) values.AsSpan(early.Length).Fill(double.NaN);
        return values;
    }

    /// <summary>The terms are all known.</summary>
    public bool IsKnown(double[] values) => Array.FindIndex(values, early.Length, v => !double.IsFinite(v)) < 0;

    /// <summary>A version defines every outcome that the metric is made of as the one that counts does.</summary>
    private bool Defines(int logged)
    {
        if (!_defines.TryGetValue(logged, out var defines)) _defines[logged] = defines = metric.Terms.SelectMany(NamesOf).All(name => Shares(logged, name));
        return defines;
    }

    private bool[] Defined(int logged)
    {
        if (!_defined.TryGetValue(logged, out var defined)) _defined[logged] = defined = [.. early.Select(e => Shares(logged, e.Measure.Outcome.Name))];
        return defined;
    }

    private bool Shares(int logged, string outcome) => versions.TryGetValue(logged, out var then) && VersionTable.Shares(then, Blueprint.Outcomes.First(o => o.Name == outcome));

    private IEnumerable<string> NamesOf(EffectTerm term) =>
        (term.Spec.Steps.IsEmpty ? [term.Spec.Value] : term.Spec.Steps).Select(value => EarlyOutcome.Whole(specs, Blueprint, value).Outcome.Name);
}

using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

/// <summary>The outcomes of all decision points by name: what an observation is checked against before its decision is known.</summary>
public sealed class OutcomeTable
{
    private readonly Utf8Table _names;
    private readonly ImmutableArray<OutcomeUse[]> _uses;

    internal OutcomeTable(ImmutableArray<DecisionPointSnapshot> points)
    {
        var byName = points.SelectMany(p => AskedBy(p).Select(o => (o.Name, Use: new OutcomeUse(p.Id, o.Kind, p.IsSimulated))))
            .GroupBy(u => u.Name, StringComparer.Ordinal).ToList();
        Names = [.. byName.Select(g => g.Key)];
        _uses = [.. byName.Select(g => g.Select(u => u.Use).ToArray())];
        _names = new(Names);
    }

    // An arm that is another version may learn from an outcome of its own, and so may decisions of versions before.
    private static IEnumerable<AskedOutcome> AskedBy(DecisionPointSnapshot point) =>
        point.Experiments.SelectMany(e => e.Arms).Select(a => a.Blueprint).Prepend(point.Current).OfType<BlueprintSnapshot>().SelectMany(v => v.Outcomes)
            .Select(o => new AskedOutcome(o.Name, o.Kind)).Concat(point.FormerOutcomes).Distinct();

    public ImmutableArray<string> Names { get; }

    /// <summary>Where the outcome is in use, and its name as a string; empty when there is no such outcome.</summary>
    public ReadOnlySpan<OutcomeUse> Find(ReadOnlySpan<byte> utf8Name, out string name)
    {
        var index = _names.Find(utf8Name);
        name = index < 0 ? "" : Names[index];
        return index < 0 ? [] : _uses[index];
    }
}

public readonly record struct OutcomeUse(Guid DecisionPointId, OutcomeKind Kind, bool IsSimulated);

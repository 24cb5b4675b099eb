using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Serving;

namespace Looper.Core.Experiments;

/// <summary>Says of a unit's first decision whether its context, as served, passes the filters of a metric.</summary>
/// <param name="features">The features of each blueprint version, in its order: served rows are read by the version that wrote them.</param>
internal sealed class ContextFilters(ImmutableArray<ContextFilter> filters, IReadOnlyDictionary<int, ImmutableArray<Feature>> features)
{
    private readonly double[] _numbers = [.. filters.Select(f => double.TryParse(f.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN)];
    private readonly byte[][] _tags = [.. filters.Select(f => System.Text.Encoding.UTF8.GetBytes(f.Value ?? ""))];
    private readonly bool[] _passed = new bool[filters.Length];

    public bool Passes(DecisionRecord decision)
    {
        if (filters.IsEmpty) return true;
        for (var k = 0; k < filters.Length; k++) _passed[k] = filters[k].Rule is FilterRule.IsNot or FilterRule.Lacks; // a missing value is not anything
        if (!features.TryGetValue(decision.BlueprintVersion, out var own)) return false; // what it was served with is not known
        var reader = new ServedRowReader(decision.Served.Span);
        for (var i = 0; i < own.Length && reader.Read(); i++)
            for (var k = 0; k < filters.Length; k++)
                if (filters[k].Feature == own[i].Name) _passed[k] = Passes(k, reader);

        return Array.TrueForAll(_passed, p => p);
    }

    private bool Passes(int k, in ServedRowReader reader)
    {
        var filter = filters[k];
        var equal = reader.Kind switch
        {
            ServedKind.Text => reader.TextString == filter.Value,
            ServedKind.True => filter.Value == "yes",
            ServedKind.False => filter.Value == "no",
            ServedKind.Number => reader.Number == _numbers[k],
            _ => false,
        };
        return filter.Rule switch
        {
            FilterRule.Is => equal,
            FilterRule.IsNot => !equal,
            FilterRule.Contains or FilterRule.Lacks => (reader.Kind == ServedKind.Tags && TagReader.Contains(reader.Packed, _tags[k])) == (filter.Rule == FilterRule.Contains),
            FilterRule.AtLeast => reader.Kind == ServedKind.Number && reader.Number >= _numbers[k],
            _ => reader.Kind == ServedKind.Number && reader.Number < _numbers[k],
        };
    }
}

using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

/// <summary>A row as another version served it → a row of these features. Not thread safe.</summary>
/// <remarks>A feature counts as the same by name, kind and derivation. A derived feature that the log does not hold is derived from what it
/// does; what was not sent then is missing, and so is a history, which other versions did not look up.</remarks>
internal sealed class RowTranslation
{
    private readonly DerivedFeatures? _derived;
    private readonly ImmutableArray<Feature> _features;
    private readonly Dictionary<int, (int[] Places, bool[] Lacks)> _versions = [];
    private readonly bool[] _copied, _seen;
    private readonly long[] _lacked;
    private long _rows;

    public RowTranslation(ImmutableArray<Feature> features)
    {
        _features = features;
        _derived = DerivedFeatures.Of(features);
        (_copied, _seen, _lacked) = (new bool[features.Length], new bool[features.Length], new long[features.Length]);
    }

    /// <summary>Features that had no value in any row so far: what decides by them was asked as if they were missing.</summary>
    public IEnumerable<string> NeverSeen => _features.Where((_, i) => !_seen[i]).Select(f => f.Name);

    /// <summary>Features that some versions had and others did not, with the share of rows of those others: there it was asked as if they were missing.</summary>
    public IEnumerable<(string Name, double Share)> Lacked => _features.Select((f, i) => (f.Name, (double)_lacked[i] / _rows)).Where((f, i) => _seen[i] && _lacked[i] > 0);

    /// <summary>Leaves the row as served in the workspace.</summary>
    /// <param name="version">Names the layout of <paramref name="served"/>.</param>
    /// <param name="then">Features of that version.</param>
    public void Translate(int version, ImmutableArray<Feature> then, ReadOnlySpan<byte> served, DecisionWorkspace workspace)
    {
        if (!_versions.TryGetValue(version, out var known)) _versions[version] = known = Known(then);
        var places = known.Places;
        workspace.ClearValues(_features.Length);
        Array.Clear(_copied);
        var reader = new ServedRowReader(served);
        for (var i = 0; i < places.Length && reader.Read(); i++)
        {
            if (places[i] < 0) continue;
            _copied[places[i]] = reader.Kind != ServedKind.Missing;
            workspace.Values[places[i]] = workspace.Keep(reader);
        }
        if (_derived is not null) Derive(workspace);
        _rows++;
        for (var i = 0; i < _seen.Length; i++)
        {
            var has = workspace.Values[i].Kind is not (ServedKind.Missing or ServedKind.Invalid);
            _seen[i] |= has;
            if (!has && known.Lacks[i]) _lacked[i]++;
        }
        workspace.WriteServed([], _features.Length);
    }

    private (int[] Places, bool[] Lacks) Known(ImmutableArray<Feature> then)
    {
        int[] places = [.. then.Select(PlaceOf)];
        return (places, [.. _features.Select((_, i) => !places.Contains(i))]);
    }

    private int PlaceOf(Feature then)
    {
        for (var i = 0; i < _features.Length; i++)
        {
            if (_features[i].Name == then.Name) return _features[i].MeansTheSame(then) ? i : -1;
        }
        return -1;
    }

    /// <summary>What was logged stays as it was; the rest is derived.</summary>
    private void Derive(DecisionWorkspace workspace)
    {
        var logged = workspace.Values[.._features.Length];
        _derived!.Derive([], workspace);
        for (var i = 0; i < logged.Length; i++)
        {
            if (_copied[i] && _features[i].Derived is not null) workspace.Values[i] = logged[i];
        }
    }
}

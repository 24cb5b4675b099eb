using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Serving;
using Looper.Core.Statistics;

namespace Looper.Core.Models;

/// <summary>The values of one feature in served rows: every number, how often each category or tag, and what was missing or not usable.</summary>
/// <param name="countsEachTag">Every tag of a row counts, and how many there are is a number of the row; else one tag counts, drawn by a hash of them all, so that a row counts once.</param>
internal sealed class FeatureValues(Feature feature, bool countsEachTag)
{
    public Feature Feature => feature;

    /// <summary>Rows of versions that have the feature.</summary>
    public long Rows { get; private set; }

    public long Missing { get; private set; }

    /// <summary>Sent, but not usable as this feature's kind.</summary>
    public long Unusable { get; private set; }

    public long Known => Rows - Missing - Unusable;

    /// <summary>Of numbers; of times, in seconds since 1970; of vectors the length; of tags how many.</summary>
    public List<double> Numbers { get; } = [];

    /// <summary>Of categories, yes and no, and tags.</summary>
    public FrequentItems Levels { get; } = new();

    public void AddMissing() => (Rows, Missing) = (Rows + 1, Missing + 1);

    public void Add(in ServedRowReader value)
    {
        Rows++;
        if (value.Kind == ServedKind.Missing) Missing++;
        else if (!Holds(value)) Unusable++;
    }

    private bool Holds(in ServedRowReader value)
    {
        if (feature.Kind is FeatureKind.Number or FeatureKind.Time or FeatureKind.Vector)
        {
            var number = ServedText.Number(value);
            if (!double.IsFinite(number)) return false;
            Numbers.Add(number);
        }
        else if (countsEachTag && value.Kind == ServedKind.Tags)
        {
            var count = 0;
            for (var tags = new TagReader(value.Packed); tags.Read(); count++) Levels.Add(System.Text.Encoding.UTF8.GetString(tags.Tag));
            Numbers.Add(count);
        }
        else
        {
            if (ServedText.Level(value) is not { } level) return false;
            Levels.Add(level);
        }
        return true;
    }
}

/// <summary>Served rows of any version, read into the values of these features.</summary>
internal sealed class FeatureTable(ImmutableArray<Feature> features, bool countsEachTag)
{
    private readonly Dictionary<string, int> _places = features.Select((f, i) => (f.Name, i)).ToDictionary(f => f.Name, f => f.i, StringComparer.Ordinal);

    public ImmutableArray<FeatureValues> Features { get; } = [.. features.Select(f => new FeatureValues(f, countsEachTag))];

    public long Rows { get; private set; }

    /// <param name="then">Features of the row's version. One that it lacks has no row; one that a row cut short does not reach is missing.</param>
    public void Add(ImmutableArray<Feature> then, ReadOnlySpan<byte> served)
    {
        Rows++;
        var reader = new ServedRowReader(served);
        foreach (var feature in then)
        {
            var isThere = reader.Read();
            if (!_places.TryGetValue(feature.Name, out var place)) continue;
            if (isThere) Features[place].Add(reader);
            else Features[place].AddMissing();
        }
    }
}

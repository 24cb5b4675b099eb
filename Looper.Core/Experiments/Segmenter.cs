using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Serving;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>Puts units into segments by their features as served at the first decision. Which categories have a segment of their own, and
/// where numbers are cut, is settled by the first units that entered, before anybody's outcome is looked at.</summary>
/// <param name="features">The features of each blueprint version, in its order: served rows are read by the version that wrote them.</param>
/// <param name="version">Version whose features make segments; features marked as personal, times, tags and vectors make none.</param>
internal sealed class Segmenter(IReadOnlyDictionary<int, ImmutableArray<Feature>> features, int version)
{
    /// <summary>Units that settle the segments.</summary>
    public const int Pilot = 5_000;

    private const int Categories = 12, MostFeatures = 30;
    private const byte Missing = 0;
    private static readonly double[] Quarters = [0.25, 0.5, 0.75];

    private readonly ImmutableArray<Feature> _features =
        features.TryGetValue(version, out var own) ? [.. own.Where(f => !f.IsPersonal && MakesSegments(f.Kind)).Take(MostFeatures)] : [];

    private readonly Dictionary<int, int[]> _columns = [];
    private double[][] _cuts = [];
    private Dictionary<string, byte>[] _levels = [];

    /// <summary>A unit is in one segment of a feature, so tags, of which it may have several, make none; ask for one by a filter of a metric.</summary>
    public static bool MakesSegments(FeatureKind kind) => kind is FeatureKind.Number or FeatureKind.Boolean or FeatureKind.Category;

    public int Count => _features.Length;

    public string Name(int feature) => _features[feature].Name;

    /// <summary>Names of the segments of a feature, each its own; number 0 is what has no value.</summary>
    public ImmutableArray<string> Segments(int feature) => _features[feature].Kind switch
    {
        FeatureKind.Boolean => ["missing", "no", "yes"],
        FeatureKind.Number => ["missing", .. Ranges(_cuts[feature])],
        _ => [Apart(feature, "missing", "no value"), .. _levels[feature].OrderBy(l => l.Value).Select(l => l.Key), Apart(feature, "other", "all others")],
    };

    // A category may itself be called "other".
    private string Apart(int feature, string usual, string instead)
    {
        var name = _levels[feature].ContainsKey(usual) ? instead : usual;
        while (_levels[feature].ContainsKey(name)) name = $"({name})";
        return name;
    }

    /// <summary>Settles the segments; before, nothing can be put into them.</summary>
    public void Settle(IEnumerable<DecisionRecord> pilot)
    {
        var numbers = _features.Select(_ => new List<double>()).ToArray();
        var counts = _features.Select(_ => new Dictionary<string, int>()).ToArray();
        foreach (var decision in pilot)
        {
            Visit(decision, (int feature, in ServedRowReader reader) =>
            {
                if (reader.Kind == ServedKind.Number && double.IsFinite(reader.Number)) numbers[feature].Add(reader.Number);
                else if (reader.Kind == ServedKind.Text) counts[feature][reader.TextString] = counts[feature].GetValueOrDefault(reader.TextString) + 1;
            });
        }

        _cuts = [.. numbers.Select(Quartiles)];
        _levels = [.. counts.Select(c => c.OrderByDescending(l => l.Value).ThenBy(l => l.Key, StringComparer.Ordinal).Take(Categories)
            .Select((level, i) => (level.Key, Number: (byte)(i + 1))).ToDictionary(l => l.Key, l => l.Number))];
    }

    /// <param name="segments">Length <see cref="Count"/>, overwritten with a segment's number per feature.</param>
    public void Read(DecisionRecord decision, byte[] segments)
    {
        Array.Fill(segments, Missing);
        Visit(decision, (int feature, in ServedRowReader reader) => segments[feature] = Place(feature, reader));
    }

    private byte Place(int feature, in ServedRowReader reader) => (_features[feature].Kind, reader.Kind) switch
    {
        (FeatureKind.Boolean, ServedKind.False) => 1,
        (FeatureKind.Boolean, ServedKind.True) => 2,
        (FeatureKind.Number, ServedKind.Number) when double.IsFinite(reader.Number) => Range(_cuts[feature], reader.Number),
        (FeatureKind.Category, ServedKind.Text) => _levels[feature].TryGetValue(reader.TextString, out var level) ? level : (byte)(_levels[feature].Count + 1),
        _ => Missing,
    };

    private delegate void Seen(int feature, in ServedRowReader reader);

    private void Visit(DecisionRecord decision, Seen seen)
    {
        if (!_columns.TryGetValue(decision.BlueprintVersion, out var columns))
        {
            columns = features.TryGetValue(decision.BlueprintVersion, out var served)
                ? [.. served.Select(f => Array.FindIndex([.. _features], own => own.Name == f.Name && own.Kind == f.Kind))] : [];
            _columns.Add(decision.BlueprintVersion, columns);
        }

        var reader = new ServedRowReader(decision.Served.Span);
        for (var i = 0; i < columns.Length && reader.Read(); i++)
        {
            if (columns[i] >= 0) seen(columns[i], reader);
        }
    }

    private static double[] Quartiles(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return [.. Quarters.Select(q => Quantile.OfSorted(sorted, q)).Where(double.IsFinite).Distinct()];
    }

    // A value on a cut belongs to the range that begins there.
    private static byte Range(double[] cuts, double value)
    {
        byte range = 1;
        foreach (var cut in cuts)
        {
            if (value >= cut) range++;
        }

        return range;
    }

    private static IEnumerable<string> Ranges(double[] cuts)
    {
        if (cuts.Length == 0) return ["any"];
        return [$"below {Shown(cuts[0])}", .. cuts.Zip(cuts.Skip(1), (low, high) => $"{Shown(low)} to {Shown(high)}"), $"{Shown(cuts[^1])} or more"];
    }

    private static string Shown(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}

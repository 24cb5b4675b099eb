using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Serving;

namespace Looper.Core.Personalization;

/// <summary>Rows as served, by any version of a decision point, read as columns of one of them.</summary>
/// <param name="features">The features of each blueprint version, in its order: served rows are read by the version that wrote them.</param>
/// <param name="version">Version whose features make columns; personal ones, times and vectors make none.</param>
internal sealed class ServedColumns(IReadOnlyDictionary<int, ImmutableArray<Feature>> features, int version)
{
    /// <summary>Levels kept per category or tags, the commonest ones.</summary>
    private const int Levels = 50;

    /// <summary>Columns of all tags together.</summary>
    private const int MostOfTags = 100;

    private readonly ImmutableArray<Feature> _own = features.GetValueOrDefault(version, []);
    private readonly Dictionary<int, ImmutableArray<Feature>> _known = [];

    /// <summary>Columns that a row may give, at most.</summary>
    public int Most => _own.Sum(f => f.Kind == FeatureKind.Tags ? Levels : 1);

    /// <summary>Names of the columns whose 0 and 1 mean no and yes.</summary>
    public ImmutableHashSet<string> Booleans => [.. _own.Where(f => f.Kind == FeatureKind.Boolean).Select(f => f.Name)];

    /// <summary>The columns that these rows give; and the features that give none, with why.</summary>
    public (ImmutableArray<Column> Columns, ImmutableArray<LeftOutFeature> LeftOut) Of(IReadOnlyCollection<ServedUnit> rows)
    {
        var left = ImmutableArray.CreateBuilder<LeftOutFeature>();
        List<Feature> used = [];
        foreach (var feature in _own)
        {
            if (feature.IsPersonal) left.Add(new(feature.Name, "it is personal"));
            else if (feature.Kind == FeatureKind.Time) left.Add(new(feature.Name, "a moment does not come again"));
            else if (feature.Kind == FeatureKind.Vector) left.Add(new(feature.Name, "no rule can be read from the numbers of a vector"));
            else used.Add(feature);
        }
        var tags = Math.Min(Levels, MostOfTags / Math.Max(1, used.Count(f => f.Kind == FeatureKind.Tags)));
        return ([.. used.SelectMany(f => ListColumns.Of(f, f.Kind switch { FeatureKind.Category => Commonest(rows, f.Name, Levels), FeatureKind.Tags => Commonest(rows, f.Name, tags), _ => [] }))], left.ToImmutable());
    }

    /// <summary>values[j][i]: column j of row i.</summary>
    public double[][] Encode(ImmutableArray<Column> columns, IReadOnlyCollection<ServedUnit> rows)
    {
        var values = columns.Select(_ => new double[rows.Count]).ToArray();
        Dictionary<int, ModelEncoder> encoders = [];
        var (row, i) = (new double[columns.Length], 0);
        foreach (var unit in rows)
        {
            if (!encoders.TryGetValue(unit.Version, out var encoder)) encoders.Add(unit.Version, encoder = new(columns, FeaturesOf(unit.Version), []));
            encoder.Encode(unit.Served.Span, row);
            for (var j = 0; j < row.Length; j++) values[j][i] = row[j];
            i++;
        }
        return values;
    }

    /// <summary>A value, or being missing, differs between units.</summary>
    public static bool Varies(double[] values)
    {
        for (var i = 1; i < values.Length; i++) if (!values[i].Equals(values[0])) return true;
        return false;
    }

    // one that was made otherwise then meant something else, and is missing
    private ImmutableArray<Feature> FeaturesOf(int logged)
    {
        if (!_known.TryGetValue(logged, out var known))
            _known[logged] = known = [.. features.GetValueOrDefault(logged, []).Select(f => _own.FirstOrDefault(o => o.Name == f.Name) is { } now && !now.MeansTheSame(f) ? f.AsItWas() : f)];
        return known;
    }

    private ImmutableArray<string> Commonest(IReadOnlyCollection<ServedUnit> rows, string feature, int most)
    {
        Dictionary<string, int> counts = [];
        foreach (var row in rows)
        {
            var own = FeaturesOf(row.Version);
            var reader = new ServedRowReader(row.Served.Span);
            for (var f = 0; f < own.Length && reader.Read(); f++)
            {
                if (own[f].Name != feature || reader.Kind is not (ServedKind.Text or ServedKind.Tags)) continue;
                foreach (var level in reader.Kind == ServedKind.Text ? [reader.TextString] : TagReader.Texts(reader.Packed)) counts[level] = counts.GetValueOrDefault(level) + 1;
            }
        }
        return [.. counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Take(most).Select(c => c.Key).Order(StringComparer.Ordinal)];
    }
}

/// <summary>A unit as it was served at its first decision, and the numbers it has.</summary>
/// <param name="Version">Blueprint version that wrote the row.</param>
/// <param name="Values">What came of it; NaN where unknown.</param>
/// <param name="Propensity">Probability with which its own arm was drawn, as logged; NaN where unknown.</param>
internal sealed record ServedUnit(int Version, ReadOnlyMemory<byte> Served, int Arm, double[] Values, double Propensity);

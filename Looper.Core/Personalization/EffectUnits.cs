using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Learning;
using Looper.Core.Serving;
using Looper.Core.Statistics;

namespace Looper.Core.Personalization;

/// <summary>The units of an experiment as columns: what was known at their first decision, their arm, and what came of them.</summary>
/// <param name="plan">The experiment's.</param>
/// <param name="metric">What counts.</param>
/// <param name="others">What else is told of the same units.</param>
/// <param name="features">The features of each blueprint version, in its order: served rows are read by the version that wrote them.</param>
/// <param name="version">Version whose features make columns; personal ones, times and vectors make none.</param>
internal sealed class EffectUnits(
    ExperimentPlan plan, EffectMetric metric, ImmutableArray<EffectMetric> others, IReadOnlyDictionary<int, ImmutableArray<Feature>> features, int version)
{
    /// <summary>Levels kept per category or tags, the commonest ones.</summary>
    private const int Levels = 50;

    /// <summary>Columns of all tags together.</summary>
    private const int MostOfTags = 100;

    /// <summary>Values kept in memory at most, times what the fits copy of them: about a gigabyte and a half.</summary>
    private const int MostCells = 50_000_000;

    private static readonly ulong s_draw = Assignment.Stream(0, "effects");

    private readonly ContextFilters _filters = new(metric.Filters, features);
    private readonly ImmutableArray<ContextFilters> _filtersOfOthers = [.. others.Select(o => new ContextFilters(o.Filters, features))];
    private readonly List<(int Version, ReadOnlyMemory<byte> Served, int Arm, double[] Terms, double Propensity, double Draw)> _rows = [];
    private readonly List<DateTimeOffset>[] _closing = [.. plan.Arms.Select(_ => new List<DateTimeOffset>())];
    private readonly ImmutableArray<Feature> _own = features.GetValueOrDefault(version, []);
    private readonly Dictionary<int, ImmutableArray<Feature>> _known = [];

    public long[] Open { get; } = new long[plan.Arms.Length];

    public long[] Unknown { get; } = new long[plan.Arms.Length];

    public long LeftOut { get; private set; }

    public int Count => _rows.Count;

    /// <summary>Units with a known value, used or not.</summary>
    public long Known { get; private set; }

    /// <summary>Share of the known units that are used, drawn by a hash of their names: halved each time there are more than <see cref="Most"/>.</summary>
    public double Share { get; private set; } = 1;

    /// <summary>Units used at most.</summary>
    public int Most { get; init; } = MostCells / Math.Max(1, features.GetValueOrDefault(version, []).Sum(f => f.Kind == FeatureKind.Tags ? Levels : 1) + metric.Terms.Length + others.Sum(o => o.Terms.Length));

    public int[] Arms => [.. _rows.Select(r => r.Arm)];

    /// <summary>Probability with which the unit's own arm was drawn, as logged; NaN where unknown.</summary>
    public double[] Propensities => [.. _rows.Select(r => r.Propensity)];

    public void Add(ExposedUnit unit)
    {
        var decision = unit.Decision;
        if (decision.Arm < 0 || decision.Arm >= plan.Arms.Length || decision.Reason == Reason.Override) LeftOut++;
        else if (!_filters.Passes(decision)) Unknown[decision.Arm]++;
        else
        {
            var terms = new double[metric.Terms.Length + others.Sum(o => o.Terms.Length)];
            if (!metric.TryRead(unit, terms.AsSpan(0, metric.Terms.Length))) Wait(decision.Arm, decision.Time);
            else if (Array.FindIndex(terms, 0, metric.Terms.Length, double.IsNaN) >= 0) Unknown[decision.Arm]++;
            else Use(unit, terms);
        }
    }

    private void Use(ExposedUnit unit, double[] terms)
    {
        var decision = unit.Decision;
        Known++;
        var draw = Assignment.Uniform(s_draw, decision.Unit);
        if (draw >= Share) return;
        ReadOthers(unit, terms);
        _rows.Add((decision.BlueprintVersion, decision.Served.ToArray(), decision.Arm, terms, decision.Propensity, draw));
        if (_rows.Count <= Most) return;
        Share /= 2;
        _rows.RemoveAll(r => r.Draw >= Share);
    }

    private void ReadOthers(ExposedUnit unit, double[] terms)
    {
        var at = metric.Terms.Length;
        for (var o = 0; o < others.Length; o++)
        {
            var own = terms.AsSpan(at, others[o].Terms.Length);
            if (!_filtersOfOthers[o].Passes(unit.Decision) || !others[o].TryRead(unit, own)) own.Fill(double.NaN);
            at += own.Length;
        }
    }

    private void Wait(int arm, DateTimeOffset since)
    {
        Open[arm]++;
        _closing[arm].Add(since + metric.Window);
    }

    /// <summary>When so many more of those that are in already will have closed windows; null where they are too few.</summary>
    public DateTimeOffset? ClosedBy(int arm, int more) => more <= 0 ? DateTimeOffset.MinValue : _closing[arm].Count < more ? null : _closing[arm].Order().ElementAt(more - 1);

    /// <summary>Values of the metric, cut where the plan cuts them; and the cut, NaN where there was none.</summary>
    public (double[] Values, double Cap) Values() => metric.Sum(Terms(0, metric.Terms.Length));

    /// <summary>What else is told of the units, with the value of each; NaN where it is unknown, open or outside its filter.</summary>
    public IEnumerable<(EffectMetric Metric, double[] Values)> Others()
    {
        var at = metric.Terms.Length;
        foreach (var other in others)
        {
            yield return (other, other.Sum(Terms(at, other.Terms.Length)).Values);
            at += other.Terms.Length;
        }
    }

    private double[][] Terms(int first, int count) => [.. Enumerable.Range(first, count).Select(t => _rows.Select(r => r.Terms[t]).ToArray())];

    /// <summary>The columns that tell units apart, with the labels given; and the features that do not, with why.</summary>
    public (DataSet Units, ImmutableArray<LeftOutFeature> LeftOut) Columns(double[] labels)
    {
        List<LeftOutFeature> left = [];
        List<Feature> used = [];
        foreach (var feature in _own)
        {
            if (feature.IsPersonal) left.Add(new(feature.Name, "it is personal"));
            else if (feature.Kind == FeatureKind.Time) left.Add(new(feature.Name, "a moment does not come again"));
            else if (feature.Kind == FeatureKind.Vector) left.Add(new(feature.Name, "no rule can be read from the numbers of a vector"));
            else used.Add(feature);
        }
        var tags = Math.Min(Levels, MostOfTags / Math.Max(1, used.Count(f => f.Kind == FeatureKind.Tags)));
        ImmutableArray<Column> columns = [.. used.SelectMany(f => ListColumns.Of(f, f.Kind switch { FeatureKind.Category => Commonest(f.Name, Levels), FeatureKind.Tags => Commonest(f.Name, tags), _ => [] }))];
        var values = Encode(columns);
        int[] kept = [.. Enumerable.Range(0, columns.Length).Where(j => Varies(values[j]))];
        left.AddRange(Enumerable.Range(0, columns.Length).Except(kept).Select(j => new LeftOutFeature(columns[j].Name, "it is the same for all units")));
        return (new([.. kept.Select(j => columns[j])], [.. kept.Select(j => values[j])], labels), [.. left]);
    }

    /// <summary>Names of the columns whose 0 and 1 mean no and yes.</summary>
    public ImmutableHashSet<string> Booleans => [.. _own.Where(f => f.Kind == FeatureKind.Boolean).Select(f => f.Name)];

    private double[][] Encode(ImmutableArray<Column> columns)
    {
        var values = columns.Select(_ => new double[_rows.Count]).ToArray();
        Dictionary<int, ModelEncoder> encoders = [];
        var row = new double[columns.Length];
        for (var i = 0; i < _rows.Count; i++)
        {
            if (!encoders.TryGetValue(_rows[i].Version, out var encoder))
                encoders.Add(_rows[i].Version, encoder = new(columns, FeaturesOf(_rows[i].Version), []));
            encoder.Encode(_rows[i].Served.Span, row);
            for (var j = 0; j < row.Length; j++) values[j][i] = row[j];
        }
        return values;
    }

    // one that was made otherwise then meant something else, and is missing
    private ImmutableArray<Feature> FeaturesOf(int logged)
    {
        if (!_known.TryGetValue(logged, out var known))
            _known[logged] = known = [.. features.GetValueOrDefault(logged, []).Select(f => _own.FirstOrDefault(o => o.Name == f.Name) is { } now && !now.MeansTheSame(f) ? f.AsItWas() : f)];
        return known;
    }

    private ImmutableArray<string> Commonest(string feature, int most)
    {
        Dictionary<string, int> counts = [];
        foreach (var row in _rows)
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

    // a value, or being missing, must differ between units
    private static bool Varies(double[] values)
    {
        for (var i = 1; i < values.Length; i++) if (!values[i].Equals(values[0])) return true;
        return false;
    }
}

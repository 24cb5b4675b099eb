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
    private readonly ContextFilters _filters = new(metric.Filters, features);
    private readonly ImmutableArray<ContextFilters> _filtersOfOthers = [.. others.Select(o => new ContextFilters(o.Filters, features))];
    private readonly List<DateTimeOffset>[] _closing = [.. plan.Arms.Select(_ => new List<DateTimeOffset>())];
    private readonly ServedColumns _columns = new(features, version);
    private DrawnUnits? _drawn;

    public long[] Open { get; } = new long[plan.Arms.Length];

    public long[] Unknown { get; } = new long[plan.Arms.Length];

    public long LeftOut { get; private set; }

    private DrawnUnits Drawn => _drawn ??= new(Most);

    private IReadOnlyList<ServedUnit> Rows => Drawn.All;

    public int Count => Rows.Count;

    /// <summary>Units with a known value, used or not.</summary>
    public long Known => Drawn.Offered;

    /// <summary>Share of the known units that are used.</summary>
    public double Share => Drawn.Share;

    /// <summary>Units used at most.</summary>
    public int Most { get; init; } = DrawnUnits.MostCells / Math.Max(1, new ServedColumns(features, version).Most + metric.Terms.Length + others.Sum(o => o.Terms.Length));

    public int[] Arms => [.. Rows.Select(r => r.Arm)];

    /// <summary>Probability with which the unit's own arm was drawn, as logged; NaN where unknown.</summary>
    public double[] Propensities => [.. Rows.Select(r => r.Propensity)];

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

    private void Use(ExposedUnit unit, double[] terms) => Drawn.Add(unit.Decision.Unit, () =>
    {
        ReadOthers(unit, terms);
        return new(unit.Decision.BlueprintVersion, unit.Decision.Served.ToArray(), unit.Decision.Arm, terms, unit.Decision.Propensity);
    });

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

    private double[][] Terms(int first, int count) => [.. Enumerable.Range(first, count).Select(t => Rows.Select(r => r.Values[t]).ToArray())];

    /// <summary>The columns that tell units apart, with the labels given; and the features that do not, with why.</summary>
    public (DataSet Units, ImmutableArray<LeftOutFeature> LeftOut) Columns(double[] labels)
    {
        var (columns, left) = _columns.Of(Rows);
        var values = _columns.Encode(columns, Rows);
        int[] kept = [.. Enumerable.Range(0, columns.Length).Where(j => ServedColumns.Varies(values[j]))];
        return (new([.. kept.Select(j => columns[j])], [.. kept.Select(j => values[j])], labels),
            [.. left, .. Enumerable.Range(0, columns.Length).Except(kept).Select(j => new LeftOutFeature(columns[j].Name, "it is the same for all units"))]);
    }

    /// <summary>Names of the columns whose 0 and 1 mean no and yes.</summary>
    public ImmutableHashSet<string> Booleans => _columns.Booleans;
}

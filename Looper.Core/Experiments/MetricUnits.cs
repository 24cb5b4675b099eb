using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>One metric while units come in: moments per arm, per day of exposure and per segment. A metric that is to be cut keeps the
/// values of its first units, because the cut is a quantile of them, and a quantile single observations; both no more than they may.</summary>
internal sealed class MetricUnits
{
    private readonly JointMoments[] _moments;
    private readonly Moments[] _plain;
    private readonly double[] _largest;
    private readonly List<(int Arm, Place Place, byte[] Segments, double[] Row)>? _rows;
    private readonly int _mostRows;
    private readonly long[] _capped;
    private bool _isWhole = true;
    private double _cap = double.NaN;
    private long _capUnits;
    private readonly EventQuantile[]? _events;
    private readonly AdaptivePair[][] _adaptive; // of each pair of arms, in the second’s row
    private readonly Moments[][] _epochs;
    private readonly DayMoments _days;
    private readonly SegmentMoments _segments;
    private readonly ContextFilters _filters;
    private readonly SampleSums? _samples;
    private readonly JointMoments[] _stages;
    private readonly double[] _followed = new double[NoveltyEffects.Stages];
    private readonly long[] _open, _unknown, _observed;
    private readonly double[] _buffer;

    /// <param name="covariates">Columns that every metric is adjusted for; the metric's own time before comes last.</param>
    /// <param name="segments">Segments of each feature.</param>
    /// <param name="epochs">Stretches between which shares of the arms changed; 0 where they never did.</param>
    /// <param name="samples">Clusters or slots of time; null where units are the sample.</param>
    /// <param name="most">What it may keep one by one.</param>
    public MetricUnits(MetricSpec spec, int arms, int covariates, IReadOnlyList<int> segments, ContextFilters filters, int epochs, Samples? samples, Kept most)
    {
        (Spec, _filters, _samples) = (spec, filters, samples is null ? null : new(samples.All));
        var width = covariates + (spec.IsRatio ? 2 : 1) + (spec.Before >= 0 ? 1 : 0);
        _moments = [.. Enumerable.Range(0, arms).Select(_ => new JointMoments(width))];
        (_plain, _largest) = (new Moments[arms], new double[arms]);
        if (spec.CapPercentile < 1) _rows = [];
        (_mostRows, _capped) = (most.Rows, new long[arms]);
        if (spec.Kind == MetricKind.Quantile) _events = [.. Enumerable.Range(0, arms).Select(_ => new EventQuantile(spec.Quantile, most.Events))];
        var takesEpochs = epochs > 0 && !spec.IsRatio && _events is null;
        _adaptive = takesEpochs ? [.. Enumerable.Range(0, arms).Select(arm => Enumerable.Range(0, arm).Select(_ => new AdaptivePair()).ToArray())] : [];
        _epochs = takesEpochs ? [.. Enumerable.Range(0, epochs).Select(_ => new Moments[arms])] : [];
        (_open, _unknown, _observed) = (new long[arms], new long[arms], new long[arms]);
        _buffer = new double[width];
        _days = new(arms, width, spec.IsRatio);
        _segments = new(segments, arms, spec.IsRatio);
        _stages = spec.Stages.IsEmpty ? [] : [.. Enumerable.Range(0, arms).Select(_ => new JointMoments(spec.Stages.Length))];
    }

    public MetricSpec Spec { get; }

    public Outcome Outcome => Spec.Outcome;

    /// <summary>Units with at least one observation so far, per arm.</summary>
    public ReadOnlySpan<long> Observed => _observed;

    public ReadOnlySpan<long> Open => _open;

    /// <summary>Whether it is known yet where values are cut.</summary>
    public bool IsCutKnown => _rows is null || _capUnits > 0;

    /// <summary>Where values are cut; infinite where none are.</summary>
    public double Cut => _rows is null || double.IsNaN(_cap) ? double.PositiveInfinity : _cap;

    /// <summary>The value that it takes of a unit, not cut; false where it takes none.</summary>
    public bool TryTake(ExposedUnit unit, out double value)
    {
        value = double.NaN;
        return _filters.Passes(unit.Decision) && Spec.TryRead(unit, out value, out _) && !double.IsNaN(value);
    }

    /// <param name="segments">The unit's segment of each feature; not kept.</param>
    /// <returns>Whether it is compared: its window is closed and its value known.</returns>
    public bool Add(int arm, ExposedUnit unit, in Place place, byte[] segments, ReadOnlySpan<double> covariates)
    {
        if (!_filters.Passes(unit.Decision)) return false;
        if (Spec.IsObserved(unit)) _observed[arm]++;
        if (place.IsFollowed && Spec.TryReadStages(unit, _followed)) _stages[arm].Add(_followed);
        var isKnown = false;
        if (!Spec.TryRead(unit, out var value, out var divisor)) _open[arm]++;
        else if (double.IsNaN(value)) _unknown[arm]++;
        else isKnown = true;
        if (!isKnown) return false;
        if (_events is not null) _events[arm].Add(UnitHash.Of(unit.Decision.Unit), unit.Events[Spec.Value]);
        else Keep(arm, value, divisor, place, segments, covariates, Spec.Before < 0 ? 0 : unit.Values[Spec.Before]);
        return true;
    }

    public MetricSums Finish()
    {
        if (_rows is not null && _capUnits == 0) FindCut();
        return new(Spec, [.. Enumerable.Range(0, _moments.Length).Select(i => Arm(i, _capped[i]))], double.IsInfinity(_cap) ? double.NaN : _cap, _days)
        {
            Adaptive = [.. Enumerable.Range(0, _adaptive.Length).Select(control => Enumerable.Range(0, _adaptive.Length).Select(arm => Pair(control, arm)).ToArray())],
            Epochs = [.. _epochs],
            Segments = _events is null ? _segments.All() : [],
            Samples = _samples,
            Stages = [.. _stages],
            CapUnits = _isWhole ? 0 : _capUnits,
            Sampled = _events is null ? 1 : _events.Min(e => e.Share),
        };
    }

    private AdaptiveEffect Pair(int control, int arm)
    {
        if (control > arm) return Pair(arm, control).Mirrored;
        var pair = control < arm ? _adaptive[arm][control] : new(); // nothing is compared with itself
        return new(pair.Control, pair.Treatment, pair.Difference());
    }

    private ArmSums Arm(int arm, long capped)
    {
        var sums = new ArmSums(_plain[arm], _moments[arm], _open[arm], _unknown[arm], capped) { Largest = _largest[arm] };
        if (_events is not null) return _events[arm].Finish() is var quantile ? sums with { Values = quantile.AsMoments(), Why = quantile.Why, Total = double.NaN } : sums;
        if (!Spec.IsRatio) return sums with { Total = _plain[arm].Sum };
        var joint = Ratio.Linear(_moments[arm]);
        return sums with { Values = joint.Of(0), Joint = joint, Why = Ratio.WhyNot(_moments[arm]), Total = _plain[arm].Sum };
    }

    private void Keep(int arm, double value, double divisor, in Place place, byte[] segments, ReadOnlySpan<double> covariates, double before)
    {
        _buffer[0] = value;
        if (Spec.IsRatio) _buffer[1] = divisor;
        covariates.CopyTo(_buffer.AsSpan(Spec.IsRatio ? 2 : 1));
        if (Spec.Before >= 0) _buffer[^1] = before;
        if (_rows is null) Sum(arm, place, segments, _buffer);
        else if (_capUnits > 0)
        {
            _isWhole = false;
            SumCut(arm, place, segments, _buffer);
        }
        else
        {
            _rows.Add((arm, place, [.. segments], [.. _buffer]));
            if (_rows.Count == _mostRows) FindCut();
        }
    }

    // From here on the cut stands: that of all units, or of the first ones where there are more than may be kept.
    private void FindCut()
    {
        _cap = Capping.Cap([.. _rows!.Select(r => r.Row[0])], Spec.CapPercentile);
        _capUnits = Math.Max(1, _rows!.Count);
        foreach (var (arm, place, segments, row) in _rows) SumCut(arm, place, segments, row);
        _rows.Clear();
        _rows.TrimExcess();
    }

    private void SumCut(int arm, in Place place, byte[] segments, double[] row)
    {
        if (row[0] > _cap) _capped[arm]++;
        row[0] = Math.Min(row[0], _cap);
        Sum(arm, place, segments, row);
    }

    private void Sum(int arm, in Place place, byte[] segments, double[] row)
    {
        _plain[arm] = _plain[arm].With(row[0]);
        _largest[arm] = Math.Max(_largest[arm], Math.Abs(row[0]));
        if (row.Length > 1) _moments[arm].Add(row);
        _days.Add(place.Day, arm, row);
        _segments.Add(arm, segments, row);
        if (_epochs.Length > 0) _epochs[place.Epoch][arm] = _epochs[place.Epoch][arm].With(row[0]);
        for (var k = 1; k < _adaptive.Length; k++)
            for (var i = 0; i < k; i++) _adaptive[k][i].Add(arm == i, arm == k, row[0], place.Chances[i], place.Chances[k]);
        if (place.Sample >= 0) _samples?.Add(place.Sample, place.IsLate, row[0], Spec.IsRatio ? row[1] : 1);
    }
}

/// <summary>Where in the experiment a unit was exposed.</summary>
/// <param name="Day">Day number.</param>
/// <param name="Sample">Number of its cluster or slot of time; −1 where units are the sample.</param>
/// <param name="IsLate">In the second half of its slot.</param>
/// <param name="IsFollowed">The arms acted throughout the time in which it is followed.</param>
/// <param name="Epoch">Stretch in which it was assigned; −1 where shares never changed.</param>
/// <param name="Chances">Each arm's probability then.</param>
internal readonly record struct Place(int Day, int Sample, bool IsLate, bool IsFollowed, int Epoch, ImmutableArray<double> Chances);

/// <summary>What a metric may keep one by one.</summary>
/// <param name="Rows">Units whose values are kept until the cut is known.</param>
/// <param name="Events">Single observations of an arm, of which a percentile is taken.</param>
internal readonly record struct Kept(int Rows, int Events)
{
    /// <summary>For all metrics together: about 100 MB each.</summary>
    private const int AllRows = 600_000, AllEvents = 6_000_000;

    /// <summary>Shared out to the metrics of a report.</summary>
    public static Kept Of(IReadOnlyCollection<MetricSpec> all, int arms) =>
        new(AllRows / Math.Max(1, all.Count(s => s.CapPercentile < 1)), AllEvents / Math.Max(1, arms * all.Count(s => s.Kind == MetricKind.Quantile)));
}

using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>One outcome while units come in: moments per arm, per day of exposure and per segment. Only a metric that is to be cut keeps its
/// values, because the cut is a quantile of all of them.</summary>
internal sealed class MetricUnits
{
    private readonly JointMoments[] _moments;
    private readonly Moments[] _plain;
    private readonly List<(int Day, byte[] Segments, double[] Row)>[]? _rows;
    private readonly DayMoments _days;
    private readonly Moments[][][] _segments;
    private readonly long[] _open, _unknown, _observed;
    private readonly double _capPercentile;
    private readonly double[] _buffer;

    /// <param name="segments">Segments of each feature.</param>
    public MetricUnits(Outcome outcome, int arms, int covariates, double capPercentile, IEnumerable<int> segments)
    {
        Outcome = outcome;
        _capPercentile = capPercentile;
        _moments = [.. Enumerable.Range(0, arms).Select(_ => new JointMoments(covariates + 1))];
        _plain = new Moments[arms];
        if (capPercentile < 1 && outcome.Kind != OutcomeKind.Boolean) _rows = [.. Enumerable.Range(0, arms).Select(_ => new List<(int, byte[], double[])>())];
        (_open, _unknown, _observed) = (new long[arms], new long[arms], new long[arms]);
        _buffer = new double[covariates + 1];
        _days = new(arms, covariates + 1);
        _segments = [.. segments.Select(count => Enumerable.Range(0, count).Select(_ => new Moments[arms]).ToArray())];
    }

    public Outcome Outcome { get; }

    /// <summary>Units with at least one observation so far, per arm.</summary>
    public ReadOnlySpan<long> Observed => _observed;

    public ReadOnlySpan<long> Open => _open;

    /// <summary>Moments by feature, segment and arm; complete after <see cref="Finish"/>.</summary>
    public Moments[][][] Segments => _segments;

    /// <param name="day">Day number of the exposure.</param>
    /// <param name="segments">The unit's segment of each feature; not kept.</param>
    public void Add(int arm, double value, bool closed, bool observed, int day, byte[] segments, ReadOnlySpan<double> covariates)
    {
        if (observed) _observed[arm]++;
        if (!closed) _open[arm]++;
        else if (double.IsNaN(value)) _unknown[arm]++;
        else Keep(arm, value, day, segments, covariates);
    }

    public MetricSums Finish()
    {
        var cap = double.NaN;
        var capped = new long[_moments.Length];
        if (_rows is not null)
        {
            cap = Capping.Cap([.. _rows.SelectMany(r => r).Select(r => r.Row[0])], _capPercentile);
            for (var arm = 0; arm < _rows.Length; arm++)
            {
                foreach (var (day, segments, row) in _rows[arm])
                {
                    if (row[0] > cap) capped[arm]++;
                    row[0] = Math.Min(row[0], cap);
                    Sum(arm, day, segments, row);
                }

                _rows[arm].Clear();
            }
        }

        return new(Outcome, [.. Enumerable.Range(0, _moments.Length).Select(i => new ArmSums(_plain[i], _moments[i], _open[i], _unknown[i], capped[i]))],
            double.IsInfinity(cap) ? double.NaN : cap, _days);
    }

    private void Keep(int arm, double value, int day, byte[] segments, ReadOnlySpan<double> covariates)
    {
        _buffer[0] = value;
        covariates.CopyTo(_buffer.AsSpan(1));
        if (_rows is null) Sum(arm, day, segments, _buffer);
        else _rows[arm].Add((day, [.. segments], [.. _buffer]));
    }

    private void Sum(int arm, int day, byte[] segments, double[] row)
    {
        _plain[arm] = _plain[arm].With(row[0]);
        if (row.Length > 1) _moments[arm].Add(row);
        _days.Add(day, arm, row);
        for (var feature = 0; feature < segments.Length; feature++)
        {
            ref var cell = ref _segments[feature][segments[feature]][arm];
            cell = cell.With(row[0]);
        }
    }
}

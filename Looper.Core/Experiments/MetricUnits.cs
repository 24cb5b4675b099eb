using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>One outcome while units come in: moments per arm. Only a metric that is to be cut keeps its values, because the cut is a
/// quantile of all of them.</summary>
internal sealed class MetricUnits
{
    private readonly JointMoments[] _moments;
    private readonly Moments[] _plain;
    private readonly List<double[]>[]? _rows;
    private readonly long[] _open, _unknown, _observed;
    private readonly double _capPercentile;
    private readonly double[] _buffer;

    public MetricUnits(Outcome outcome, int arms, int covariates, double capPercentile)
    {
        Outcome = outcome;
        _capPercentile = capPercentile;
        _moments = [.. Enumerable.Range(0, arms).Select(_ => new JointMoments(covariates + 1))];
        _plain = new Moments[arms];
        if (capPercentile < 1 && outcome.Kind != OutcomeKind.Boolean) _rows = [.. Enumerable.Range(0, arms).Select(_ => new List<double[]>())];
        (_open, _unknown, _observed) = (new long[arms], new long[arms], new long[arms]);
        _buffer = new double[covariates + 1];
    }

    public Outcome Outcome { get; }

    /// <summary>Units with at least one observation so far, per arm.</summary>
    public ReadOnlySpan<long> Observed => _observed;

    public ReadOnlySpan<long> Open => _open;

    public void Add(int arm, double value, bool closed, bool observed, ReadOnlySpan<double> covariates)
    {
        if (observed) _observed[arm]++;
        if (!closed) _open[arm]++;
        else if (double.IsNaN(value)) _unknown[arm]++;
        else Keep(arm, value, covariates);
    }

    public MetricSums Finish()
    {
        var cap = double.NaN;
        var capped = new long[_moments.Length];
        if (_rows is not null)
        {
            cap = Capping.Cap([.. _rows.SelectMany(r => r).Select(r => r[0])], _capPercentile);
            for (var arm = 0; arm < _rows.Length; arm++)
            {
                foreach (var row in _rows[arm])
                {
                    if (row[0] > cap) capped[arm]++;
                    row[0] = Math.Min(row[0], cap);
                    Sum(arm, row);
                }

                _rows[arm].Clear();
            }
        }

        return new(Outcome, [.. Enumerable.Range(0, _moments.Length).Select(i => new ArmSums(_plain[i], _moments[i], _open[i], _unknown[i], capped[i]))],
            double.IsInfinity(cap) ? double.NaN : cap);
    }

    private void Keep(int arm, double value, ReadOnlySpan<double> covariates)
    {
        _buffer[0] = value;
        covariates.CopyTo(_buffer.AsSpan(1));
        if (_rows is null) Sum(arm, _buffer);
        else _rows[arm].Add([.. _buffer]);
    }

    private void Sum(int arm, double[] row)
    {
        _plain[arm] = _plain[arm].With(row[0]);
        if (row.Length > 1) _moments[arm].Add(row);
    }
}

/// <param name="Values">Moments of the outcome itself.</param>
/// <param name="Joint">The outcome and its covariates; empty without covariates.</param>
internal sealed record ArmSums(Moments Values, JointMoments Joint, long Open, long Unknown, long Capped);

/// <param name="Cap">Where values were cut; NaN when nothing was.</param>
internal sealed record MetricSums(Outcome Outcome, ImmutableArray<ArmSums> Arms, double Cap)
{
    public MetricSummary Summary(int arm) =>
        Outcome.Kind == OutcomeKind.Boolean && IsYesNo(Arms[arm].Values) ? MetricSummary.OfConversion(Arms[arm].Values) : MetricSummary.OfMean(Arms[arm].Values);

    public ArmValue Value(string key, int arm, Shortage? shortage)
    {
        var sums = Arms[arm];
        return new(key, (long)sums.Values.Count, sums.Open, sums.Unknown, sums.Values.Sum,
            shortage is null && sums.Values.Count > 0 ? sums.Values.Mean : double.NaN, Math.Sqrt(sums.Values.Variance), sums.Capped, shortage);
    }

    /// <summary>A yes/no outcome folded by its mean has values between 0 and 1: then it is a mean like any other.</summary>
    private static bool IsYesNo(in Moments moments) =>
        Math.Abs(moments.M2 - moments.Count * moments.Mean * (1 - moments.Mean)) <= 1e-9 * Math.Max(1, moments.M2);
}

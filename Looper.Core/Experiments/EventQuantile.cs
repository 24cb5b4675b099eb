using System.Collections.Immutable;
using Looper.Core.Events;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>A quantile of single observations of one arm: exact, at eight bytes an observation and twelve a unit. Where there are more than may be kept, it is that
/// of half of the units, a quarter and so on, drawn by hash: a simple random sample of units, so the estimate has no bias and its interval counts those drawn.</summary>
/// <param name="most">Observations that may be kept.</param>
internal sealed class EventQuantile(double level, int most)
{
    private const int MostHalvings = 40;

    private readonly List<double> _values = [];
    private readonly List<int> _counts = [];
    private readonly List<long> _hashes = [];
    private int _halvings;

    /// <summary>Fraction of units that it is taken of.</summary>
    public double Share => Math.Pow(0.5, _halvings);

    /// <param name="hash">Of the unit; the same unit is drawn or not whatever else comes.</param>
    public void Add(long hash, ImmutableArray<KeptEvent> events)
    {
        if (!IsDrawn(hash)) return;
        _hashes.Add(hash);
        _counts.Add(events.Length);
        foreach (var kept in events) _values.Add(kept.Value);
        while (_values.Count > most && _counts.Count > 1 && _halvings < MostHalvings) Halve();
    }

    /// <summary>The quantile with the variance of one unit: observations of a unit may resemble each other.</summary>
    public MetricSummary Finish()
    {
        double[] sorted = [.. _values];
        Array.Sort(sorted);
        var plain = Quantile.Of(sorted, level);
        var counts = new JointMoments(2);
        var next = 0;
        foreach (var count in _counts)
        {
            var below = 0;
            for (var end = next + count; next < end; next++)
                if (_values[next] <= plain.Value) below++;
            counts.Add([below, count]);
        }

        return plain.Why == Cause.EmptyArm && counts.Count > 0 ? MetricSummary.Undefined(counts.Count, Cause.QuantileOutOfRange) : Quantile.Clustered(plain, level, counts);
    }

    // Bits that neither the lot of an arm nor the passes over the journal go by: both mix or take others.
    private bool IsDrawn(long hash) => (((ulong)hash * 0xD6E8_FEB8_6659_FD93) >> (64 - Math.Max(1, _halvings))) == 0 || _halvings == 0;

    private void Halve()
    {
        _halvings++;
        int units = 0, values = 0, from = 0;
        for (var i = 0; i < _counts.Count; i++)
        {
            var count = _counts[i];
            if (IsDrawn(_hashes[i]))
            {
                (_hashes[units], _counts[units]) = (_hashes[i], count);
                units++;
                for (var j = 0; j < count; j++) _values[values++] = _values[from + j];
            }

            from += count;
        }

        _hashes.RemoveRange(units, _hashes.Count - units);
        _counts.RemoveRange(units, _counts.Count - units);
        _values.RemoveRange(values, _values.Count - values);
    }
}

using System.Collections.Immutable;
using Looper.Core.Events;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>A quantile of single observations of one arm: exact, at eight bytes an observation.</summary>
internal sealed class EventQuantile(double level)
{
    private readonly List<double> _values = [];
    private readonly List<int> _counts = [];

    public void Add(ImmutableArray<KeptEvent> events)
    {
        _counts.Add(events.Length);
        foreach (var kept in events) _values.Add(kept.Value);
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
}

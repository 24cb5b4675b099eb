using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>One metric by feature, segment and arm.</summary>
internal sealed class SegmentMoments
{
    private readonly Moments[][][] _values;
    private readonly JointMoments[][][]? _pairs;

    public SegmentMoments(IReadOnlyList<int> segments, int arms, bool isRatio)
    {
        _values = [.. segments.Select(count => Enumerable.Range(0, count).Select(_ => new Moments[arms]).ToArray())];
        if (isRatio) _pairs = [.. segments.Select(count => Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, arms).Select(_ => new JointMoments(2)).ToArray()).ToArray())];
    }

    /// <param name="segments">The unit's segment of each feature.</param>
    /// <param name="row">The value, and after it the divisor of a ratio.</param>
    public void Add(int arm, byte[] segments, double[] row)
    {
        for (var feature = 0; feature < segments.Length; feature++)
        {
            if (_pairs is not null)
            {
                _pairs[feature][segments[feature]][arm].Add(row.AsSpan(0, 2));
                continue;
            }

            ref var cell = ref _values[feature][segments[feature]][arm];
            cell = cell.With(row[0]);
        }
    }

    public Moments[][][] All() => _pairs is null ? _values : [.. _pairs.Select(f => f.Select(s => s.Select(m => Ratio.Linear(m).Of(0)).ToArray()).ToArray())];
}

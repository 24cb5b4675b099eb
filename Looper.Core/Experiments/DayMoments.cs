using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>One metric by the day its units entered.</summary>
internal sealed class DayMoments(int arms, int width, bool isRatio)
{
    private readonly SortedDictionary<int, DayCell[]> _days = [];

    /// <summary>An empty cell of the same form.</summary>
    public DayCell Empty() => new(width, isRatio);

    /// <param name="row">The metric (of a ratio, numerator and denominator) and its covariates.</param>
    public void Add(int day, int arm, ReadOnlySpan<double> row)
    {
        if (!_days.TryGetValue(day, out var cells))
        {
            cells = [.. Enumerable.Range(0, arms).Select(_ => Empty())];
            _days.Add(day, cells);
        }

        cells[arm].Add(row);
    }

    /// <summary>Days in order, with each arm's units of that day.</summary>
    public IEnumerable<(int Day, DayCell[] Arms)> Days => _days.Select(d => (d.Key, d.Value));
}

/// <summary>An arm's units of some days.</summary>
internal sealed class DayCell(int width, bool isRatio)
{
    private readonly JointMoments _joint = new(width);
    private Moments _values;

    public Moments Values => isRatio ? Joint.Of(0) : _values;

    public JointMoments Joint => isRatio ? Ratio.Linear(_joint) : _joint;

    public void Add(ReadOnlySpan<double> row)
    {
        _values = _values.With(row[0]);
        if (width > 1) _joint.Add(row);
    }

    public void Add(DayCell other)
    {
        _values += other._values;
        if (width > 1) _joint.Add(other._joint);
    }
}

using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>One metric by the day its units entered.</summary>
internal sealed class DayMoments(int arms, int width, bool isRatio)
{
    public int Width => width;

    public bool IsRatio => isRatio;

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

    public void Put(int day, DayCell[] cells) => _days.Add(day, cells);

    /// <summary>The same with the arms in another order.</summary>
    /// <param name="order">Old place of each arm.</param>
    public DayMoments Rebased(int[] order)
    {
        var rebased = new DayMoments(arms, width, isRatio);
        foreach (var (day, cells) in _days) rebased.Put(day, [.. order.Select(arm => cells[arm])]);
        return rebased;
    }

    /// <summary>Days in order, with each arm's units of that day.</summary>
    public IEnumerable<(int Day, DayCell[] Arms)> Days => _days.Select(d => (d.Key, d.Value));
}

/// <summary>An arm's units of some days.</summary>
internal sealed class DayCell(Moments values, JointMoments joint, bool isRatio)
{
    private Moments _values = values;

    public DayCell(int width, bool isRatio) : this(Moments.Empty, new(width), isRatio)
    {
    }

    /// <summary>As units were added.</summary>
    public (Moments Values, JointMoments Joint) Raw => (_values, joint);

    public Moments Values => isRatio ? Joint.Of(0) : _values;

    public JointMoments Joint => isRatio ? Ratio.Linear(joint) : joint;

    /// <summary>Why a ratio has no value although there are units.</summary>
    public Cause Why => isRatio ? Ratio.WhyNot(joint) : Cause.None;

    public void Add(ReadOnlySpan<double> row)
    {
        _values = _values.With(row[0]);
        if (joint.Width > 1) joint.Add(row);
    }

    public void Add(DayCell other)
    {
        _values += other._values;
        if (joint.Width > 1) joint.Add(other.Raw.Joint);
    }
}

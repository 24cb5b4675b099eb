using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>One outcome by the day its units entered.</summary>
internal sealed class DayMoments(int arms, int width)
{
    private readonly SortedDictionary<int, DayCell[]> _days = [];

    /// <param name="row">The outcome (0) and its covariates.</param>
    public void Add(int day, int arm, ReadOnlySpan<double> row)
    {
        if (!_days.TryGetValue(day, out var cells))
        {
            cells = [.. Enumerable.Range(0, arms).Select(_ => new DayCell(width))];
            _days.Add(day, cells);
        }

        cells[arm].Add(row);
    }

    /// <summary>Days in order, with each arm's units of that day.</summary>
    public IEnumerable<(int Day, DayCell[] Arms)> Days => _days.Select(d => (d.Key, d.Value));
}

/// <summary>An arm's units of some days.</summary>
internal sealed class DayCell(int width)
{
    public Moments Values { get; private set; }

    public JointMoments Joint { get; } = new(width);

    public void Add(ReadOnlySpan<double> row)
    {
        Values = Values.With(row[0]);
        if (width > 1) Joint.Add(row);
    }

    public void Add(DayCell other)
    {
        Values += other.Values;
        if (width > 1) Joint.Add(other.Joint);
    }
}

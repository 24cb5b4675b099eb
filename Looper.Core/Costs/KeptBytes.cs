namespace Looper.Core.Costs;

/// <summary>How many bytes of a decision point are kept on a day: of those written since its oldest decision, what retention has not removed yet.</summary>
internal sealed class KeptBytes
{
    private const double DaysInMonth = 365.25 / 12, BytesInGigabyte = 1e9;

    private readonly List<(DateOnly Day, double Until)> _sums = [];
    private readonly int _days;

    /// <param name="oldest">Day of the oldest decision; null without any.</param>
    /// <param name="days">That events are kept for.</param>
    public KeptBytes(IEnumerable<(DateOnly Day, long Bytes)> written, DateOnly? oldest, int days)
    {
        _days = days;
        var sum = 0.0;
        foreach (var (day, bytes) in written.Where(w => w.Day >= oldest).OrderBy(w => w.Day)) _sums.Add((day, sum += bytes));
    }

    public double On(DateOnly day) => Until(day) - Until(day.AddDays(-Math.Min(_days, day.DayNumber)));

    /// <summary>Gigabytes times months, over one day.</summary>
    public double GigabyteMonths(DateOnly day) => On(day) / BytesInGigabyte / DaysInMonth;

    // All that was written up to the end of the day.
    private double Until(DateOnly day)
    {
        var at = _sums.BinarySearch((day, double.PositiveInfinity));
        at = at < 0 ? ~at : at + 1;
        return at == 0 ? 0 : _sums[at - 1].Until;
    }
}

namespace Looper.Core.Costs;

/// <summary>How many bytes of a decision point are kept on a day: of those written since its oldest decision, what retention has not removed yet.</summary>
/// <param name="oldest">Day of the oldest decision; null without any.</param>
/// <param name="days">That events are kept for.</param>
internal sealed class KeptBytes(DateOnly? oldest, int days)
{
    private const double DaysInMonth = 365.25 / 12, BytesInGigabyte = 1e9;

    private readonly List<(DateOnly Day, double Until)> _sums = [];

    /// <summary>In the order of days.</summary>
    public void Write(DateOnly day, long bytes)
    {
        if (day >= oldest) _sums.Add((day, (_sums.Count == 0 ? 0 : _sums[^1].Until) + bytes));
    }

    public double On(DateOnly day) => Until(day) - Until(day.AddDays(-Math.Min(days, day.DayNumber)));

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

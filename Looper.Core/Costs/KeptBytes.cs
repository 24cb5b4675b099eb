namespace Looper.Core.Costs;

/// <summary>How many bytes of a decision point are kept on a day: of those written since its oldest decision, what retention has not removed yet.</summary>
internal sealed class KeptBytes(IEnumerable<(DateOnly Day, long Bytes)> written, DateOnly? oldest, int days)
{
    private const double DaysInMonth = 365.25 / 12, BytesInGigabyte = 1e9;

    private readonly List<(DateOnly Day, long Bytes)> _written = [.. written.Where(w => w.Bytes > 0 && oldest is not null && w.Day >= oldest).OrderBy(w => w.Day)];

    public double On(DateOnly day) => _written.Where(w => w.Day <= day && w.Day > day.AddDays(-days)).Sum(w => (double)w.Bytes);

    /// <summary>Gigabytes times months, over one day.</summary>
    public double GigabyteMonths(DateOnly day) => On(day) / BytesInGigabyte / DaysInMonth;
}

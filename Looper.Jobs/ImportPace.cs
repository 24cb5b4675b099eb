using System.Globalization;

namespace Looper.Jobs;

/// <summary>How fast rows are read, over the last seconds.</summary>
internal sealed class ImportPace(TimeProvider clock)
{
    private static readonly TimeSpan s_over = TimeSpan.FromSeconds(2);
    private long _rows = -1, _since;
    private double _perSecond = double.NaN;

    /// <returns>In words; without a pace until there is one.</returns>
    public string At(long rows)
    {
        var passed = clock.GetElapsedTime(_since);
        if (_rows < 0) (_rows, _since) = (rows, clock.GetTimestamp());
        else if (passed >= s_over) (_perSecond, _rows, _since) = ((rows - _rows) / passed.TotalSeconds, rows, clock.GetTimestamp());
        return double.IsNaN(_perSecond)
            ? string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows")
            : string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows, {_perSecond:N0} a second");
    }
}

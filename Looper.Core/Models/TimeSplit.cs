namespace Looper.Core.Models;

/// <summary>Rows in time order, cut into what is learned from, what stops the learning, and the newest slice that judges it.</summary>
/// <param name="Train">Rows [0, Train).</param>
/// <param name="ValidationFrom">First row of the validation slice.</param>
/// <param name="ValidationUntil">Row after it.</param>
/// <param name="NewestFrom">First row of the newest slice, which reaches to the end.</param>
/// <param name="Gap">Time left out at least before each later slice, so that what was learned from had been known when the slice began.</param>
public readonly record struct TimeSplit(int Train, int ValidationFrom, int ValidationUntil, int NewestFrom, TimeSpan Gap)
{
    /// <summary>The newest slice: a fifth of the rows, at least 200, at most a third.</summary>
    public const double NewestShare = 0.2;

    public const int NewestRows = 200;

    /// <summary>Share of what is before the newest slice that stops the learning.</summary>
    public const double ValidationShare = 0.15;

    /// <summary>The gap is the outcome's window, but never more than this share of the whole range, nor of the rows: a window longer than the data would
    /// leave nothing to learn from, nor would one where nearly all rows are recent and a few are old.</summary>
    public const double LargestGap = 0.05;

    /// <param name="ticks">Times of the rows, never falling.</param>
    public static TimeSplit Of(ReadOnlySpan<long> ticks, TimeSpan window)
    {
        var n = ticks.Length;
        if (n == 0) return default;
        var newest = n - Math.Min(Math.Max((int)(n * NewestShare), NewestRows), n / 3);
        var gap = Bounded(ticks, newest, Math.Min(window.Ticks, (long)((ticks[^1] - ticks[0]) * LargestGap)));
        var validationUntil = Before(ticks, newest, gap);
        var validation = (int)(validationUntil * (1 - ValidationShare));
        gap = Bounded(ticks, validation, gap);
        return new(Before(ticks, validation, gap), validation, validationUntil, newest, TimeSpan.FromTicks(gap));
    }

    /// <summary>The gap, or less where more than its share of the rows would lie in it.</summary>
    private static long Bounded(ReadOnlySpan<long> ticks, int row, long gap)
    {
        var kept = row - 1 - (int)(ticks.Length * LargestGap);
        return kept < 0 || row >= ticks.Length ? gap : Math.Min(gap, ticks[row] - ticks[kept]);
    }

    /// <summary>How many rows lie at least a gap before row <paramref name="row"/>.</summary>
    private static int Before(ReadOnlySpan<long> ticks, int row, long gap)
    {
        var end = row;
        while (end > 0 && row < ticks.Length && ticks[end - 1] > ticks[row] - gap) end--;
        return end;
    }
}

namespace Looper.Core.Serving;

/// <summary>Time cut into slots of equal length, counted from 1970-01-01T00:00Z: what an experiment that switches back and forth gives arms to.</summary>
/// <param name="Minutes">Length of a slot, from 1 to 1,440; divides a day.</param>
/// <param name="BurnInMinutes">How much of a slot's beginning still shows what the slot before did; below <paramref name="Minutes"/>.</param>
public readonly record struct TimeSlots(int Minutes, int BurnInMinutes = 0)
{
    public const int MinutesOfDay = 24 * 60;

    private long Ticks => Minutes * TimeSpan.TicksPerMinute;

    /// <summary>Slots in a week: the position of a slot in its week is its number modulo this.</summary>
    public int PerWeek => 7 * PerDay;

    public int PerDay => MinutesOfDay / Minutes;

    /// <summary>Number of the slot that holds the moment.</summary>
    public long Of(DateTimeOffset at)
    {
        var ticks = at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        return ticks >= 0 ? ticks / Ticks : -((-ticks + Ticks - 1) / Ticks);
    }

    /// <summary>When the slot begins.</summary>
    public DateTimeOffset StartOf(long slot) => DateTimeOffset.UnixEpoch.AddTicks(slot * Ticks);

    /// <summary>The moment lies in the part of its slot that is left out of the analysis.</summary>
    public bool IsBurnIn(DateTimeOffset at) => (at - StartOf(Of(at))).Ticks < BurnInMinutes * TimeSpan.TicksPerMinute;

    /// <summary>The moment lies in the second half of what its slot has after the burn-in.</summary>
    public bool IsLate(DateTimeOffset at) => (at - StartOf(Of(at))).Ticks >= (Minutes + BurnInMinutes) * TimeSpan.TicksPerMinute / 2;
}

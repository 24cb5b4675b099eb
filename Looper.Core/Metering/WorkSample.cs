namespace Looper.Core.Metering;

/// <summary>Times one in 64 of what is too short and too frequent to be timed each time, and counts it 64 times.</summary>
/// <remarks>The gaps are drawn, evenly from 1 to 127, so that no pattern in what comes is met always or never.</remarks>
public static class WorkSample
{
    /// <summary>What one that is timed stands for.</summary>
    public const int Every = 64;

    [ThreadStatic]
    private static int t_left;

    [ThreadStatic]
    private static ulong t_state;

    /// <returns>To be given to <see cref="End"/>; 0 where it is not timed.</returns>
    public static long Begin()
    {
        if (--t_left > 0) return 0;
        t_left = Gap();
        return ThreadProcessor.Nanoseconds;
    }

    public static void End(long began, WorkMeter meter, Guid point)
    {
        if (began == 0) return;
        var took = ThreadProcessor.Nanoseconds - began - ThreadProcessor.OfReading;
        meter.Add(new(point, WorkKind.Serving, Every * Math.Max(0, took)));
    }

    // xorshift64; quality enough for gaps, and nothing of it is kept
    private static int Gap()
    {
        var x = t_state == 0 ? (ulong)Environment.CurrentManagedThreadId * 0x9E3779B97F4A7C15 : t_state;
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        t_state = x;
        return 1 + (int)(x % (2 * Every - 1));
    }
}

namespace Looper.Core.Metering;

/// <summary>Times one in 64 of what is too short and too frequent to be timed each time, and counts it 64 times.</summary>
/// <remarks>The gaps are drawn, evenly from 1 to 127, so that no pattern in what comes is met always or never.</remarks>
public static class WorkSample
{
    /// <summary>What one that is timed stands for.</summary>
    public const int Every = 64;

    private static long s_threads;

    [ThreadStatic]
    private static int t_left;

    [ThreadStatic]
    private static ulong t_state;

    /// <returns>To be given to <see cref="End"/>; 0 where it is not timed.</returns>
    public static long Begin()
    {
        if (--t_left > 0) return 0;
        if (t_state == 0) // the first of a thread is not timed for being that: many threads have few
        {
            t_state = (ulong)Interlocked.Increment(ref s_threads) * 0x9E3779B97F4A7C15;
            _ = Random();
            t_left = Rest() - 1;
            if (t_left > 0) return 0;
        }
        t_left = Gap();
        return ThreadProcessor.Nanoseconds;
    }

    public static void End(long began, WorkMeter meter, Guid point)
    {
        if (began == 0) return;
        var took = ThreadProcessor.Nanoseconds - began - ThreadProcessor.OfReading;
        meter.Add(new(point, WorkKind.Serving, Every * Math.Max(0, took)));
    }

    private static int Gap() => 1 + (int)(Random() % (2 * Every - 1));

    // What is left of a gap at a moment of no choosing: k with chance (128 − k)/(127·64).
    private static int Rest()
    {
        var (left, k) = (Random() % (Every * (2 * Every - 1)), 1);
        for (var weight = (ulong)(2 * Every - 1); left >= weight; weight--)
        {
            left -= weight;
            k++;
        }
        return k;
    }

    // xorshift64; quality enough for gaps, and nothing of it is kept
    private static ulong Random()
    {
        var x = t_state;
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        return t_state = x;
    }
}

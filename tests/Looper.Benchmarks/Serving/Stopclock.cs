using System.Diagnostics;

namespace Looper.Benchmarks.Serving;

/// <summary>Times contenders turn about: in every round all of them forwards, then backwards; the median over the rounds counts.</summary>
internal static class Stopclock
{
    private static readonly TimeSpan s_leg = TimeSpan.FromMilliseconds(150);

    /// <param name="contenders">Each does its work <c>count</c> times, from item <c>from</c> on.</param>
    /// <returns>Seconds for one, per contender.</returns>
    public static double[] Medians(int rounds, params Action<int>[] contenders)
    {
        var times = Array.ConvertAll(contenders, _ => new List<double>());
        var calls = Array.ConvertAll(contenders, Calls);
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < contenders.Length; i++) times[i].Add(Time(contenders[i], calls[i]));
            for (var i = contenders.Length - 1; i >= 0; i--) times[i].Add(Time(contenders[i], calls[i]));
        }
        return Array.ConvertAll(times, Median);
    }

    public static double Median(List<double> values)
    {
        values.Sort();
        var middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    public static double Time(Action<int> work, int calls)
    {
        var start = Stopwatch.GetTimestamp();
        work(calls);
        return Stopwatch.GetElapsedTime(start).TotalSeconds / calls;
    }

    // Warm, long enough for the JIT's last tier, and then as many as fill a leg.
    private static int Calls(Action<int> work)
    {
        var calls = 16;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < 0.6;) work(calls);
        while (Time(work, calls) * calls < s_leg.TotalSeconds) calls *= 2;
        return calls;
    }
}

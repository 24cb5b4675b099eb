using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Looper.Core.Metering;

/// <summary>Processor time of the calling thread, on Linux and macOS; elsewhere elapsed time stands in its place.</summary>
internal static partial class ThreadProcessor
{
    private const int ClockOnLinux = 3, ClockOnMac = 16, Readings = 100;

    private static readonly int s_clock = OperatingSystem.IsLinux() ? ClockOnLinux : OperatingSystem.IsMacOS() ? ClockOnMac : -1;

    /// <summary>What one reading takes itself, in nanoseconds: the least of a hundred.</summary>
    public static long OfReading { get; } = Least();

    /// <summary>Nanoseconds since some moment; two readings on one thread may be subtracted.</summary>
    public static long Nanoseconds => s_clock >= 0 && GetTime(s_clock, out var time) == 0
        ? time.Seconds * 1_000_000_000L + time.Nanoseconds
        : (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    private static long Least()
    {
        var least = long.MaxValue;
        for (var i = 0; i < Readings; i++)
        {
            var before = Nanoseconds;
            least = Math.Min(least, Nanoseconds - before);
        }
        return least;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec
    {
        public readonly nint Seconds, Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);
}

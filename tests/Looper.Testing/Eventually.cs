using System.Diagnostics;

namespace Looper.Testing;

/// <summary>Waits for something that other threads or processes bring about.</summary>
public static class Eventually
{
    public static async Task IsTrueAsync(Func<Task<bool>> condition, TimeSpan? within = null)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > (within ?? TimeSpan.FromSeconds(30))) throw new TimeoutException("It did not come about in time.");
            await Task.Delay(20);
        }
    }
}

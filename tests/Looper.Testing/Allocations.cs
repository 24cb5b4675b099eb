namespace Looper.Testing;

/// <summary>Bytes that a piece of code allocates on its thread.</summary>
public static class Allocations
{
    private const int Rounds = 7;

    /// <summary>The least of several rounds: a collection by another thread moves the runtime's counter once in a while, what the code allocates moves it
    /// in every round.</summary>
    /// <param name="round">Run once before the count begins.</param>
    public static long Least(Action round)
    {
        ArgumentNullException.ThrowIfNull(round);
        round();
        var least = long.MaxValue;
        for (var i = 0; i < Rounds; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}

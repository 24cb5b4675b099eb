namespace Looper.Web.Api;

/// <summary>How many bytes batches may hold that are still being sent: whoever stalls before the end of a batch holds what came of it. A batch that has come whole is
/// the matter of <see cref="BatchGate"/>.</summary>
/// <remarks>What has come counts, never what was announced: else a sender that announces and sends nothing would take the room for free.</remarks>
/// <param name="most">Of all of them.</param>
internal sealed class UnfinishedBodies(long most = UnfinishedBodies.MostBytes)
{
    /// <summary>16 of the largest batches, four times what may wait for its turn.</summary>
    public const long MostBytes = 64 * 1024 * 1024;

    /// <summary>Of each, uncounted: batches this small are never refused.</summary>
    public const long FreeBytes = 64 * 1024;

    private long _held;

    /// <param name="held">What this body holds, to be given back with <see cref="GiveBack"/>.</param>
    /// <param name="length">How much of it has come.</param>
    /// <returns>False when there is no room; then nothing changed.</returns>
    public bool Hold(ref long held, long length)
    {
        var more = length - FreeBytes - held;
        if (more <= 0) return true;
        if (Interlocked.Add(ref _held, more) > most)
        {
            Interlocked.Add(ref _held, -more);
            return false;
        }
        held += more;
        return true;
    }

    public void GiveBack(long held)
    {
        if (held > 0) Interlocked.Add(ref _held, -held);
    }
}

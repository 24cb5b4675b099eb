namespace Looper.Core.Events.Shipping;

/// <summary>Brings the events of a server back into a journal: after the disk it was on is lost, or for a node that shall know all events.</summary>
public static class Refill
{
    private const int AtOnce = 1_000;

    /// <summary>What is there already stays; running it again changes nothing.</summary>
    /// <returns>Events that were read; told now and then through <paramref name="progress"/>.</returns>
    /// <exception cref="IOException">The journal cannot write.</exception>
    public static async Task<(long Decisions, long Observations)> RunAsync(ServerStore store, Journal journal, CorruptRecords corrupt, Action<long>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(journal);
        long decided = 0, observed = 0;
        await foreach (var (decisions, observations) in store.ReadAsync(corrupt, cancel))
        {
            foreach (var some in decisions.Chunk(AtOnce)) Check(await journal.AppendAsync(some, durable: true, cancel));
            foreach (var some in observations.Chunk(AtOnce)) Check(await journal.AppendAsync([.. some.Select(o => new[] { o })], cancel));
            (decided, observed) = (decided + decisions.Count, observed + observations.Count);
            progress?.Invoke(decided + observed);
        }
        return (decided, observed);
    }

    private static void Check(Appended[] answers)
    {
        if (Array.Exists(answers, a => a.Status is AppendStatus.Full or AppendStatus.Unavailable))
            throw new IOException("The journal cannot write. Make room on the disk, then run it again: what came is kept.");
    }
}

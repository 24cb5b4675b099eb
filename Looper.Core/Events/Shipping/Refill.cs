using System.Collections.Immutable;

namespace Looper.Core.Events.Shipping;

/// <param name="Decisions">That were read from the server.</param>
/// <param name="Observations">That were read from the server.</param>
/// <param name="Refused">Of these: not stored, because the journal holds another event of the same id.</param>
/// <param name="FirstRefused">The ids of a few of them.</param>
public sealed record RefilledEvents(long Decisions, long Observations, long Refused, ImmutableArray<string> FirstRefused);

/// <summary>Brings the events of a server back into a journal: after the disk it was on is lost, or for a node that shall know all events.</summary>
public static class Refill
{
    private const int AtOnce = 1_000, Named = 5;

    /// <summary>What is there already stays; running it again changes nothing.</summary>
    /// <param name="progress">Told now and then how many were read.</param>
    /// <exception cref="IOException">The journal cannot write.</exception>
    public static async Task<RefilledEvents> RunAsync(ServerStore store, Journal journal, CorruptRecords corrupt, Action<long>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(journal);
        var all = new RefilledEvents(0, 0, 0, []);
        await foreach (var (decisions, observations) in store.ReadAsync(corrupt, cancel))
        {
            foreach (var some in decisions.Chunk(AtOnce)) all = Add(all, await journal.AppendAsync(some, durable: true, cancel), i => some[i].Id);
            foreach (var some in observations.Chunk(AtOnce)) all = Add(all, await journal.AppendAsync([.. some.Select(o => new[] { o with { ComesBack = true } })], cancel), i => some[i].Id);
            all = all with { Decisions = all.Decisions + decisions.Count, Observations = all.Observations + observations.Count };
            progress?.Invoke(all.Decisions + all.Observations);
        }
        await journal.NoteRefillAsync(cancel);
        return all;
    }

    private static RefilledEvents Add(RefilledEvents all, Appended[] answers, Func<int, string> idOf)
    {
        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i].Status is AppendStatus.Full or AppendStatus.Unavailable) throw new IOException("The journal cannot write. Make room on the disk, then run it again: what came is kept.");
            if (!answers[i].IsRecorded) all = all with { Refused = all.Refused + 1, FirstRefused = all.FirstRefused.Length < Named ? all.FirstRefused.Add(idOf(i)) : all.FirstRefused };
        }
        return all;
    }
}

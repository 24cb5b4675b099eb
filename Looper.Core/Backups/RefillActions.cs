using Looper.Core.Events;
using Looper.Core.Events.Shipping;
using Looper.Core.Persistence;

namespace Looper.Core.Backups;

/// <param name="Journal">What it holds now, every record checked.</param>
/// <param name="Server">What was read there.</param>
public sealed record RefilledJournal(RestoredEvents Journal, RefilledEvents Server);

/// <summary>Brings the events of a database server back into a data directory's journal, while nobody serves it: after its disk was lost, or after the restore of an
/// older backup. What is there already stays; running it again changes nothing.</summary>
public sealed class RefillActions(DataDirectory directory, Journal journal, CorruptRecords corrupt, ErasuresAgain erasures)
{
    /// <param name="shipper">From this journal to the store.</param>
    /// <param name="progress">Told now and then how many events were read.</param>
    /// <exception cref="IOException">The journal cannot write.</exception>
    public async Task<Answered<RefilledJournal>> RunAsync(ServerStore store, JournalShipper shipper, Action<long>? progress, CancellationToken cancel)
    {
        // What waits here goes first: removals above all, or what was removed from this journal would come back into it.
        while (await shipper.ShipAsync(cancel)) progress?.Invoke(0);
        await RefillMark.WriteAsync(directory.Path, cancel);
        var read = await Refill.RunAsync(store, journal, corrupt, progress, cancel);
        var again = await erasures.RunAsync(null, cancel); // an order to erase that was lost with the disk: its receipt is on the server
        if (again.Refusal is { } refusal) return refusal;
        RefillMark.Remove(directory.Path);
        return new RefilledJournal(again.Value!, read);
    }
}

using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Looper.Core.Access;

/// <summary>Numbers and hashes new audit rows after the last one, and finds where a stored chain was tampered with.</summary>
public static class AuditChain
{
    internal static List<AuditEntry> NewEntries(ChangeTracker changes)
    {
        var entries = changes.Entries<AuditEntry>().ToList();
        if (entries.Any(e => e.State is EntityState.Modified or EntityState.Deleted))
            throw new InvalidOperationException("The audit is append-only.");
        return [.. entries.Where(e => e.State == EntityState.Added).Select(e => e.Entity)];
    }

    internal static async Task ContinueAsync(LooperDb db, List<AuditEntry> added, CancellationToken cancel)
    {
        var last = await db.Set<AuditEntry>().AsNoTracking().OrderByDescending(e => e.Id).FirstOrDefaultAsync(cancel);
        var (id, hash) = (last?.Id ?? 0, last?.Hash ?? []);
        foreach (var entry in added) db.Entry(entry).State = EntityState.Detached; // a tracked key may not change
        foreach (var entry in added)
        {
            entry.Id = ++id;
            entry.Hash = hash = entry.HashAfter(hash);
            db.Add(entry);
        }
    }

    /// <returns>Id of the first row that is not what was written, or null when the whole chain holds.</returns>
    public static async Task<long?> FirstBrokenAsync(LooperDb db, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(db);
        var (id, hash) = (0L, Array.Empty<byte>());
        await foreach (var entry in db.Set<AuditEntry>().AsNoTracking().OrderBy(e => e.Id).AsAsyncEnumerable().WithCancellation(cancel))
        {
            if (entry.Id != ++id || !entry.Hash.AsSpan().SequenceEqual(hash = entry.HashAfter(hash))) return id;
        }
        return null;
    }
}

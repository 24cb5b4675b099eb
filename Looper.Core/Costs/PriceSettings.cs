using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Costs;

/// <summary>Reads and changes <see cref="Prices"/>.</summary>
public sealed class PriceSettings(IDbContextFactory<LooperDb> databases, ChangeFeed changes, TimeProvider clock)
{
    private const string Key = "prices";

    public async Task<Answered<Prices>> FindAsync(Caller caller, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await ReadAsync(db, cancel);
    }

    /// <param name="shown">What the caller was shown; where they have been changed since, nothing is. Null changes them whatever they are.</param>
    public async Task<Refusal?> ChangeAsync(Caller caller, Prices wanted, CancellationToken cancel, Prices? shown = null)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(wanted);
        if (caller.Lacks(Right.Administer) is { } denied) return denied;
        if (wanted.Worths.IsDefault) wanted = wanted with { Worths = [] };
        if (wanted.Check() is { } invalid) return invalid;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var setting = await db.Set<Setting>().SingleOrDefaultAsync(s => s.Key == Key, cancel);
        var before = setting is null ? Prices.None : Prices.Read(setting.Value);
        if (shown is not null && before.Write() != shown.Write()) return ChangedMeanwhile;
        if (before.Write() == wanted.Write()) return null;
        db.Add(AuditEntry.Of(caller, "prices.changed", Key, clock.GetUtcNow(), before, wanted));
        if (setting is null) db.Add(new Setting { Key = Key, Value = wanted.Write() });
        else setting.Value = wanted.Write();
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException fault) when (fault is DbUpdateConcurrencyException || setting is null) // two that were the first: one is
        {
            return ChangedMeanwhile;
        }
        changes.Announce(ChangeKind.Report, Guid.Empty);
        return null;
    }

    internal static async Task<Prices> ReadAsync(LooperDb db, CancellationToken cancel) =>
        await db.Set<Setting>().AsNoTracking().Where(s => s.Key == Key).Select(s => s.Value).SingleOrDefaultAsync(cancel) is { } value ? Prices.Read(value) : Prices.None;

    private static Refusal ChangedMeanwhile => new("prices.changed-meanwhile", "Somebody else changed the prices meanwhile. Load the page again, and change what is there now.");
}

using System.Security.Cryptography;
using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Decisions.Import;
using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Persistence;
using Looper.Core.Persistence.Sqlite;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Looper.Core.Decisions.Erasure;

/// <summary>Erases a unit from the journal and from the testers of experiments, the one place elsewhere that names units in clear, and answers with a receipt.
/// The audit, which is sealed, is the ledger of receipts. One erasure at a time.</summary>
public sealed partial class ErasureActions(
    IDbContextFactory<LooperDb> databases, Journal journal, EventReader events, LateDecisions late, ImportFiles imports, SqliteCheckpoint checkpoint, Ids ids, TimeProvider clock, ChangeFeed changes, ILogger<ErasureActions> log) : IDisposable
{
    public const int MostUnit = UnitHash.MaxCharacters;
    internal const string Action = "unit.erased", KeySetting = "installation.erasure-key";

    private readonly SemaphoreSlim _one = new(1);

    /// <param name="confirm">The unit's name typed again.</param>
    /// <param name="cancel">Counts until the first row goes: from then on it is ended whether or not anybody waits.</param>
    public async Task<Answered<ErasureReceipt>> EraseAsync(Caller caller, string unit, string confirm, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Administer) is { } denied) return denied;
        if (unit.Length is 0 or > MostUnit) return new Refusal("erasure.invalid", $"Unit: it has {unit.Length} characters. Give the name as your app sends it, 1 to {MostUnit} characters.", "unit");
        if (confirm != unit) return new Refusal("erasure.invalid", "Confirm: type the unit’s name exactly, because nothing can be brought back.", "confirm");
        await _one.WaitAsync(cancel);
        try
        {
            var hash = ErasureReceipt.HashOf(await OwnKeyAsync(cancel), unit);
            var uploads = await Task.Run(() => imports.UploadsWith(unit, cancel), cancel);
            if (await ReaderOfAsync(uploads, cancel) is { } run)
                return new Refusal("erasure.import-open", $"An import that has not ended holds this unit, and would bring it back: run {run}. Wait until it has ended, or cancel it; then erase.", "unit");
            uploads.ForEach(imports.Remove);
            imports.Erase(unit, cancel); // before the note: whoever ends it from there does not know the name
            var noted = (await events.ErasuresAsync(cancel)).Find(n => n.KeyedHash == hash) ?? new(ids.Next(), caller.Name, hash, RemovalOrder.OfUnit(unit));
            return await EndAsync(caller, noted, unit, null);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Repeats an erasure of that moment on a restored journal that nobody uses yet. What the unit sent after it stays: it came back.</summary>
    internal async Task<ErasureReceipt> RepeatAsync(string unit, DateTimeOffset last, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            var hash = ErasureReceipt.HashOf(await OwnKeyAsync(cancel), unit);
            // One that had begun when the backup was made: without a receipt, all that the journal holds of the unit was sent before it ended.
            var begun = (await events.ErasuresAsync(cancel)).Find(n => n.KeyedHash == hash);
            if (begun is not null && await StoredAsync(begun.Id) is null) return await EndAsync(Caller.System, begun, unit, last);
            var removed = await journal.EraseAsync(unit, last, CancellationToken.None); // cut off, the restore is run again from its beginning
            if (begun is not null) await EndAsync(Caller.System, begun, unit, last); // the journal was copied before the receipt was stored
            return await ReceiptAsync(Caller.System, ids.Next(), Caller.System.Name, hash, removed, "Erased again after a restore.", last);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>An open run that reads one of the uploads; null for none.</summary>
    private async Task<Guid?> ReaderOfAsync(List<string> uploads, CancellationToken cancel)
    {
        if (uploads.Count == 0) return null;
        await using var db = await databases.CreateDbContextAsync(cancel);
        JobState[] open = [JobState.Queued, JobState.Running, JobState.Cancelling];
        var runs = await db.Set<JobRun>().AsNoTracking().Where(r => r.Kind == JobKinds.Import && open.Contains(r.State)).Select(r => new { r.Id, r.Input }).ToListAsync(cancel);
        return runs.Find(r => uploads.Contains(ImportInput.Read(r.Input).File))?.Id;
    }

    /// <summary>Takes units off the testers of a restored database, which were erased after it was backed up.</summary>
    internal async Task TakeTestersAsync(IReadOnlySet<string> keyedHashes)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        var key = await OwnKeyAsync(CancellationToken.None);
        await ErasedTesters.TakeAsync(db, Caller.System, unit => keyedHashes.Contains(ErasureReceipt.HashOf(key, unit)), clock.GetUtcNow());
        await db.SaveChangesAsync(CancellationToken.None);
    }

    /// <summary>Ends the erasures that a crash, an outage or a long reader cut off.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> EndCutAsync(CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            var cut = await events.ErasuresAsync(cancel);
            foreach (var noted in cut) await EndAsync(Caller.System, noted, unit: null, null);
            return cut.Count;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    /// <summary>The receipt, if the audit holds it and this installation signed it.</summary>
    public async Task<Answered<ErasureReceipt>> FindAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Administer) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await StoredAsync(db, id, cancel) is not { } receipt || await KeyAsync(db, cancel) is not { } key || !receipt.IsSignedBy(key))
            return new Refusal("erasure.unknown", $"There is no erasure {id} with a sound signature.");
        return receipt;
    }

    // Each part may be cut off and done again: the rows, then the receipt, of which there is one, then the note.
    private async Task<ErasureReceipt> EndAsync(Caller caller, NotedErasure noted, string? unit, DateTimeOffset? repeats)
    {
        var receipt = await StoredAsync(noted.Id); // what the unit sent after it stays, whatever is still to be done
        if (receipt is null)
        {
            var (removed, newest) = await RemoveAsync(noted, unit);
            receipt = await ReceiptAsync(caller, noted.Id, noted.AskedBy, noted.KeyedHash, removed, unit is null ? "Ended after it had been cut off." : null, repeats, newest);
        }
        // The list of testers that named it is overwritten in the database, and stands in its log until that is empty.
        if (!await Task.Run(checkpoint.Empty)) throw new IOException("A long reader keeps what was erased in the log of looper.db. The erasure is ended within a minute of its end.");
        await journal.EndNotedAsync(noted.Id, CancellationToken.None);
        return receipt;
    }

    // What was decided before is not taken from now on, unless the erasure could not even be noted.
    private async Task<(Removed Removed, DateTimeOffset Newest)> RemoveAsync(NotedErasure noted, string? unit)
    {
        var takeBack = late.Erase(noted.KeyedHash, clock.GetUtcNow());
        try
        {
            return await journal.EraseAsync(noted, unit, CancellationToken.None);
        }
        catch
        {
            if (!(await events.ErasuresAsync(CancellationToken.None)).Exists(n => n.Id == noted.Id)) takeBack();
            throw;
        }
    }

    private async Task<ErasureReceipt> ReceiptAsync(Caller caller, Guid id, string askedBy, string keyedHash, Removed removed, string? reason, DateTimeOffset? repeats, DateTimeOffset newest = default)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        if (await StoredAsync(db, id, CancellationToken.None) is { } stored) return stored;
        var key = await OwnKeyAsync(CancellationToken.None);
        var now = clock.GetUtcNow();
        var receipt = ErasureReceipt.Sign(key, id, now, askedBy, keyedHash, removed.Decisions, removed.Observations, repeats, newest > now ? newest : null);
        db.Add(AuditEntry.Of(caller, Action, receipt.Id, receipt.At, after: receipt, reason: reason));
        // Who became a tester after the erasure that is repeated came back.
        var tested = repeats is null ? await ErasedTesters.TakeAsync(db, caller, unit => ErasureReceipt.HashOf(key, unit) == keyedHash, receipt.At) : [];
        await db.SaveChangesAsync(CancellationToken.None);
        late.Erase(keyedHash, receipt.Repeats ?? receipt.At);
        ErasedTesters.Announce(changes, tested);
        Erased(log, receipt.Id, removed.Decisions, removed.Observations);
        return receipt;
    }

    private async Task<ErasureReceipt?> StoredAsync(Guid id)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
            return await StoredAsync(db, id, CancellationToken.None);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            return null; // while the database cannot be read its rows go all the same, and the receipt waits for it
        }
    }

    private static async Task<ErasureReceipt?> StoredAsync(LooperDb db, Guid id, CancellationToken cancel)
    {
        var subject = id.ToString();
        var text = await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Action == Action && e.Subject == subject).Select(e => e.After).FirstOrDefaultAsync(cancel);
        return text is null ? null : JsonSerializer.Deserialize<ErasureReceipt>(text, JsonSerializerOptions.Web);
    }

    // Made before the first erasure begins: a note names its unit by it.
    private async Task<byte[]> OwnKeyAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var (stored, made) = (await KeyAsync(db, cancel), RandomNumberGenerator.GetBytes(32));
        if (stored is null) db.Add(new Setting { Key = KeySetting, Value = Convert.ToBase64String(made) });
        await db.SaveChangesAsync(cancel);
        late.Know(stored ?? made);
        return stored ?? made;
    }

    internal static async Task<byte[]?> KeyAsync(LooperDb db, CancellationToken cancel) =>
        await db.Set<Setting>().AsNoTracking().Where(s => s.Key == KeySetting).Select(s => s.Value).SingleOrDefaultAsync(cancel) is { } stored ? Convert.FromBase64String(stored) : null;

    [LoggerMessage(1630, LogLevel.Information, "unit.erased: receipt {Receipt}, {Decisions} decisions and {Observations} observations")]
    private static partial void Erased(ILogger log, Guid receipt, long decisions, long observations);
}

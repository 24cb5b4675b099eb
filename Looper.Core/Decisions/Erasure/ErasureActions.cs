using System.Security.Cryptography;
using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Decisions.Import;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Looper.Core.Decisions.Erasure;

/// <summary>Erases a unit from the journal and answers with a receipt. The audit, which is sealed, is the ledger of receipts;
/// no other database holds a unit in clear.</summary>
public sealed partial class ErasureActions(IDbContextFactory<LooperDb> databases, Journal journal, ImportFiles imports, Ids ids, TimeProvider clock, ILogger<ErasureActions> log)
{
    public const int MostUnit = 128;
    internal const string Action = "unit.erased", KeySetting = "installation.erasure-key";

    /// <param name="confirm">The unit's name typed again.</param>
    public async Task<Answered<ErasureReceipt>> EraseAsync(Caller caller, string unit, string confirm, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Administer) is { } denied) return denied;
        if (unit.Length is 0 or > MostUnit) return new Refusal("erasure.invalid", $"Unit: it has {unit.Length} characters. Give the name as your app sends it, 1 to {MostUnit} characters.", "unit");
        if (confirm != unit) return new Refusal("erasure.invalid", "Confirm: type the unit’s name exactly, because nothing can be brought back.", "confirm");
        await using var db = await databases.CreateDbContextAsync(cancel);
        var key = await KeyAsync(db, cancel);
        await imports.EraseAsync(unit, cancel);
        var removed = await journal.EraseAsync(unit, cancel);
        var receipt = ErasureReceipt.Sign(key, ids.Next(), clock.GetUtcNow(), caller.Name, unit, removed.Decisions, removed.Observations);
        db.Add(AuditEntry.Of(caller, Action, receipt.Id, receipt.At, after: receipt));
        await db.SaveChangesAsync(cancel);
        Erased(log, receipt.Id, removed.Decisions, removed.Observations);
        return receipt;
    }

    /// <summary>The receipt, if the audit holds it and this installation signed it.</summary>
    public async Task<Answered<ErasureReceipt>> FindAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Administer) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var subject = id.ToString();
        var text = await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Action == Action && e.Subject == subject).Select(e => e.After).FirstOrDefaultAsync(cancel);
        if (text is null || JsonSerializer.Deserialize<ErasureReceipt>(text, JsonSerializerOptions.Web) is not { } receipt || !receipt.IsSignedBy(await KeyAsync(db, cancel)))
            return new Refusal("erasure.unknown", $"There is no erasure {id} with a sound signature.");
        return receipt;
    }

    private static async Task<byte[]> KeyAsync(LooperDb db, CancellationToken cancel)
    {
        if (await db.Set<Setting>().AsNoTracking().Where(s => s.Key == KeySetting).Select(s => s.Value).SingleOrDefaultAsync(cancel) is { } stored) return Convert.FromBase64String(stored);
        var key = RandomNumberGenerator.GetBytes(32);
        db.Add(new Setting { Key = KeySetting, Value = Convert.ToBase64String(key) });
        return key; // saved with the receipt
    }

    [LoggerMessage(1610, LogLevel.Information, "unit.erased: receipt {Receipt}, {Decisions} decisions and {Observations} observations")]
    private static partial void Erased(ILogger log, Guid receipt, long decisions, long observations);
}

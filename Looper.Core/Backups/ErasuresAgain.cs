using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Decisions.Erasure;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Backups;

/// <param name="Decisions">In the journal before units were erased again.</param>
/// <param name="Units">Erased again.</param>
/// <param name="Receipts">Erasures that were looked for.</param>
public sealed record RestoredEvents(long Decisions, long Observations, int Receipts, int Units);

/// <summary>Erases from a restored journal the units that were erased after its backup: a receipt names a unit by a keyed hash, so every unit of the
/// journal is hashed and looked up. Checks every record on the way. Nothing is served meanwhile.</summary>
public sealed class ErasuresAgain(IDbContextFactory<LooperDb> databases, ErasureActions erasures, JournalOptions journal, CorruptRecords corrupt)
{
    private const string Receipts = "SELECT after FROM audit_entries WHERE action = $is", KeyOf = "SELECT value FROM settings WHERE key = $is";

    /// <summary>Whether receipts can lie there: where they cannot, erased units may have come back, and somebody has to be told.</summary>
    public static bool MayBeIn(string folder) => folder.Length > 0 && File.Exists(Path.Combine(folder, BackupActions.Database));

    /// <param name="other">A data directory or a backup that may hold later receipts; null when there is none.</param>
    public async Task<Answered<RestoredEvents>> RunAsync(string? other, CancellationToken cancel)
    {
        var (key, hashes) = await OwnAsync(cancel);
        if (other is not null)
        {
            var (theirKey, theirs) = Read(Path.Combine(other, BackupActions.Database));
            if (theirs.Count > 0 && key is not null && theirKey != key)
                return new Refusal("backup.foreign", $"{other} belongs to another installation: its receipts are signed with another key.", "erasures");
            if (key is null && theirKey is not null) await TakeKeyAsync(theirKey, cancel);
            (key, hashes) = (key ?? theirKey, [.. hashes, .. theirs]);
        }
        var secret = key is null ? [] : Convert.FromBase64String(key);
        var (seen, found) = (new HashSet<string>(), new List<string>());
        var (decisions, observations) = RecordCheck.Run(journal, corrupt, unit =>
        {
            if (hashes.Count > 0 && seen.Add(unit) && hashes.Contains(ErasureReceipt.HashOf(secret, unit))) found.Add(unit);
        });
        foreach (var unit in found)
        {
            if ((await erasures.EraseAsync(Caller.System, unit, unit, cancel)).Refusal is { } refusal) return refusal;
        }
        return new RestoredEvents(decisions, observations, hashes.Count, found.Count);
    }

    private async Task<(string? Key, HashSet<string> Hashes)> OwnAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var key = await db.Set<Setting>().AsNoTracking().Where(s => s.Key == ErasureActions.KeySetting).Select(s => s.Value).SingleOrDefaultAsync(cancel);
        var receipts = await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Action == ErasureActions.Action).Select(e => e.After).ToListAsync(cancel);
        return (key, Hashes(receipts));
    }

    private async Task TakeKeyAsync(string key, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        db.Add(new Setting { Key = ErasureActions.KeySetting, Value = key });
        await db.SaveChangesAsync(cancel);
    }

    private static (string? Key, HashSet<string> Hashes) Read(string database)
    {
        if (!File.Exists(database)) return (null, []);
        using var connection = DatabaseFile.Open(database);
        List<string?> Column(string sql, string given)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.Parameters.AddWithValue("$is", given);
            using var rows = command.ExecuteReader();
            var values = new List<string?>();
            while (rows.Read()) values.Add(rows.IsDBNull(0) ? null : rows.GetString(0));
            return values;
        }
        return (Column(KeyOf, ErasureActions.KeySetting).FirstOrDefault(), Hashes(Column(Receipts, ErasureActions.Action)));
    }

    private static HashSet<string> Hashes(IEnumerable<string?> receipts) =>
        [.. receipts.OfType<string>().Select(r => JsonSerializer.Deserialize<ErasureReceipt>(r, JsonSerializerOptions.Web)?.UnitHash).OfType<string>()];
}

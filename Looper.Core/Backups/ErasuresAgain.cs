using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Decisions.Erasure;
using Looper.Core.Events;
using Looper.Core.Events.Shipping;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Looper.Core.Backups;

/// <param name="Decisions">In the journal before units were erased again.</param>
/// <param name="Units">Erased again.</param>
/// <param name="Receipts">Erasures that were looked for.</param>
public sealed record RestoredEvents(long Decisions, long Observations, int Receipts, int Units);

/// <summary>Erases from a restored journal what was erased after its backup: a receipt names a unit by a keyed hash, so every unit of the journal is hashed and
/// looked up. What a unit sent after its receipt is not in it and stays. Checks every record on the way. Nothing is served meanwhile.</summary>
public sealed class ErasuresAgain(
    IDbContextFactory<LooperDb> databases, ErasureActions erasures, Journal source, JournalOptions journal, CorruptRecords corrupt, IOptions<LooperOptions> options, TimeProvider clock)
{
    private const string Receipts = "SELECT after FROM audit_entries WHERE action = $is", KeyOf = "SELECT value FROM settings WHERE key = $is";

    /// <summary>Whether receipts can lie there: where they cannot, erased units may have come back, and somebody has to be told.</summary>
    public static bool MayBeIn(string folder) => folder.Length > 0 && File.Exists(Path.Combine(folder, BackupActions.Database));

    /// <param name="other">A data directory or a backup that may hold later receipts; null when there is none.</param>
    public async Task<Answered<RestoredEvents>> RunAsync(string? other, CancellationToken cancel)
    {
        var (key, receipts) = await OwnAsync(cancel);
        if (other is not null)
        {
            var (theirKey, theirs) = Read(Path.Combine(other, BackupActions.Database));
            if (theirs.Count > 0 && key is not null && theirKey != key)
                return new Refusal("backup.foreign", $"{other} belongs to another installation: its receipts are signed with another key.", "erasures");
            if (key is null && theirKey is not null) await TakeKeyAsync(theirKey, cancel);
            var later = theirs.ExceptBy(receipts.Select(r => r.Id), r => r.Id).Select(r => r.UnitHash).ToHashSet();
            if (later.Count > 0) await erasures.TakeTestersAsync(later);
            (key, receipts) = (key ?? theirKey, [.. receipts, .. theirs]);
        }
        var secret = key is null ? [] : Convert.FromBase64String(key);
        var lasts = receipts.GroupBy(r => r.UnitHash).ToDictionary(r => r.Key, r => r.Max(one => one.Last)); // a unit may have been erased more than once
        var (known, found) = (new Dictionary<string, DateTimeOffset>(), new Dictionary<string, DateTimeOffset>());
        var (decisions, observations) = RecordCheck.Run(journal, corrupt, (unit, sent) =>
        {
            if (lasts.Count == 0) return;
            if (!known.TryGetValue(unit, out var last)) known[unit] = last = lasts.GetValueOrDefault(ErasureReceipt.HashOf(secret, unit));
            if (sent <= last) found[unit] = last;
        });
        // A server may have got the unit back from a backup of its own, or have been away when it was erased: it follows too, once the journal is served.
        var stop = options.Value.Database == DatabaseKind.Sqlite || source.Removing is not null ? () => { } : new RemovalFile(Path.GetDirectoryName(journal.Path)!).Follow(source, clock);
        foreach (var (unit, last) in found) await erasures.RepeatAsync(unit, last, cancel);
        stop();
        return new RestoredEvents(decisions, observations, lasts.Count, found.Count);
    }

    private async Task<(string? Key, List<ErasureReceipt> Receipts)> OwnAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var key = await db.Set<Setting>().AsNoTracking().Where(s => s.Key == ErasureActions.KeySetting).Select(s => s.Value).SingleOrDefaultAsync(cancel);
        var receipts = await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Action == ErasureActions.Action).Select(e => e.After).ToListAsync(cancel);
        return (key, Read(receipts));
    }

    private async Task TakeKeyAsync(string key, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        db.Add(new Setting { Key = ErasureActions.KeySetting, Value = key });
        await db.SaveChangesAsync(cancel);
    }

    private static (string? Key, List<ErasureReceipt> Receipts) Read(string database)
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
        return (Column(KeyOf, ErasureActions.KeySetting).FirstOrDefault(), Read(Column(Receipts, ErasureActions.Action)));
    }

    private static List<ErasureReceipt> Read(IEnumerable<string?> receipts) =>
        [.. receipts.OfType<string>().Select(r => JsonSerializer.Deserialize<ErasureReceipt>(r, JsonSerializerOptions.Web)).OfType<ErasureReceipt>().Where(r => r.UnitHash is not null)];
}

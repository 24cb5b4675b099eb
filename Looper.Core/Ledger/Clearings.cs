using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Ledger;

/// <summary>When the events of decision points were cleared, by the audit: what was measured of them before is of nothing that is there.</summary>
internal static class Clearings
{
    /// <summary>By key.</summary>
    public static async Task<Dictionary<string, DateTimeOffset>> ReadAsync(LooperDb db, CancellationToken cancel)
    {
        var all = await db.Set<AuditEntry>().Where(e => e.Action == NotedRemovals.Cleared).Select(e => new { e.Subject, e.At }).ToListAsync(cancel);
        return all.GroupBy(e => e.Subject).ToDictionary(e => e.Key, e => e.Max(one => one.At));
    }

    /// <returns>Null where they never were.</returns>
    public static async Task<DateTimeOffset?> LastAsync(LooperDb db, string key, CancellationToken cancel) =>
        (await db.Set<AuditEntry>().Where(e => e.Action == NotedRemovals.Cleared && e.Subject == key).OrderByDescending(e => e.Id).Select(e => new { e.At }).FirstOrDefaultAsync(cancel))?.At;
}

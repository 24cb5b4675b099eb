using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Access;

public sealed record AuditView(long Id, DateTimeOffset At, string Who, string Action, string Subject, string? Before, string? After, string? Reason);

/// <param name="BeforeId">Rows older than this one; null for the newest.</param>
/// <param name="Without">An action whose rows are left out.</param>
public sealed record AuditFilter(string? Who = null, string? Action = null, string? Subject = null, long? BeforeId = null, int Size = 50, string? Without = null)
{
    /// <summary>Changes nothing and comes by the thousand: one for every report that somebody, or the clock, had computed.</summary>
    public const string Computed = "report.computed";
}

/// <param name="FirstBroken">Id of the first row that is not what was written; null when all are intact.</param>
public sealed record AuditCheck(long Entries, long? FirstBroken);

public sealed class AuditQueries(IDbContextFactory<LooperDb> databases)
{
    public const int MostRows = 100;

    public async Task<Answered<IReadOnlyList<AuditView>>> ListAsync(Caller caller, AuditFilter filter, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(filter);
        if (caller.Lacks(Right.ReadAudit) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var rows = db.Set<AuditEntry>().AsNoTracking();
        if (!string.IsNullOrWhiteSpace(filter.Who)) rows = rows.Where(e => e.Who == filter.Who);
        if (!string.IsNullOrWhiteSpace(filter.Action)) rows = rows.Where(e => e.Action == filter.Action);
        if (!string.IsNullOrWhiteSpace(filter.Subject)) rows = rows.Where(e => e.Subject == filter.Subject);
        if (filter.Without is { } without) rows = rows.Where(e => e.Action != without);
        if (filter.BeforeId is { } before) rows = rows.Where(e => e.Id < before);
        return await rows.OrderByDescending(e => e.Id).Take(Math.Clamp(filter.Size, 1, MostRows))
            .Select(e => new AuditView(e.Id, e.At, e.Who, e.Action, e.Subject, e.Before, e.After, e.Reason)).ToListAsync(cancel);
    }

    /// <summary>Computes the whole chain again.</summary>
    public async Task<Answered<AuditCheck>> VerifyAsync(Caller caller, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.ReadAudit) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        return new AuditCheck(await db.Set<AuditEntry>().LongCountAsync(cancel), await AuditChain.FirstBrokenAsync(db, cancel));
    }
}

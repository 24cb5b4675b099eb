using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Monitoring;

/// <summary>What watches over decision points, as people read it.</summary>
public sealed class MonitoringQueries(IDbContextFactory<LooperDb> databases, DriftFigures figures, LiveQualityFigures quality)
{
    private const int Most = 500;

    /// <summary>Newest first, at most 500.</summary>
    /// <param name="key">Of one decision point; null for all.</param>
    /// <param name="activeOnly">Leave out those that have cleared.</param>
    public async Task<Answered<IReadOnlyList<AlertView>>> AlertsAsync(Caller caller, string? key, bool activeOnly, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (key is not null && !await db.Set<DecisionPoint>().AnyAsync(p => p.Key == key, cancel)) return Unknown(key);
        var rows = await db.Set<Alert>().AsNoTracking().Join(db.Set<DecisionPoint>(), a => a.DecisionPointId, p => p.Id, (a, p) => new { a, p.Key })
            .Where(r => (key == null || r.Key == key) && (!activeOnly || r.a.ClearedAt == null))
            .OrderByDescending(r => r.a.FiredAt).ThenByDescending(r => r.a.Id).Take(Most).ToListAsync(cancel);
        return rows.ConvertAll(r => new AlertView(
            r.a.Id, r.Key, r.a.Condition, r.a.Subject, r.a.ModelNumber, r.a.Weight, r.a.Value, r.a.Limit, r.a.Sentence, r.a.FiredAt, r.a.SeenAt, r.a.ClearedAt));
    }

    /// <summary>How features and outcomes stand now against where the live models learned; counted when asked.</summary>
    public async Task<Answered<DriftLook>> DriftAsync(Caller caller, string key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var id = await db.Set<DecisionPoint>().Where(p => p.Key == key).Select(p => (Guid?)p.Id).SingleOrDefaultAsync(cancel);
        return id is { } known && await figures.LookAsync(db, known, cancel) is { } look ? look : Unknown(key);
    }

    /// <summary>How a model does, or did, on what was decided while it was live; counted when asked.</summary>
    public async Task<Answered<LiveQuality>> QualityAsync(Caller caller, string key, int number, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var id = await db.Set<DecisionPoint>().Where(p => p.Key == key).Select(p => (Guid?)p.Id).SingleOrDefaultAsync(cancel);
        if (id is not { } point) return Unknown(key);
        var model = await db.Set<Models.Model>().Where(m => m.DecisionPointId == point && m.Number == number).Select(m => new { m.PromotedAt, m.Outcome }).SingleOrDefaultAsync(cancel);
        if (model is null) return Models.ModelQueries.Unknown(key, number);
        if (model.PromotedAt is null) return new Refusal("model.never-live", $"Model {number} was never live, so nothing was decided by it. Compare it with the live one on the same rows.");
        return await quality.LookAsync(db, point, [number], cancel) is [var looked]
            ? looked
            : new Refusal("model.not-judged", $"Model {number} cannot be judged on what was decided: its file cannot be read, or the blueprint no longer names `{model.Outcome}`.");
    }

    private static Refusal Unknown(string key) => new("decision-point.unknown", $"There is no decision point '{key}'.");
}

/// <param name="Condition"><c>version.unreadable</c>, <c>drift.feature</c>, <c>drift.missing</c>, <c>drift.outcome</c>, <c>model.calibration</c>, <c>model.worse-than-average</c>, <c>model.unreadable</c>, <c>model.stale</c>, <c>join.low</c>, <c>guardrail.harmed</c>.</param>
/// <param name="ClearedAt">Null while it is active.</param>
public sealed record AlertView(
    Guid Id, string DecisionPointKey, string Condition, string Subject, int? ModelNumber, AlertWeight Weight, double? Value, double? Limit, string Sentence,
    DateTimeOffset FiredAt, DateTimeOffset SeenAt, DateTimeOffset? ClearedAt);

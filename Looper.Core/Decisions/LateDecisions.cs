using System.Collections.Concurrent;
using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Decisions.Erasure;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

/// <summary>Until when decisions of a decision point were cleared, and those of a unit erased: one that an app made before and reports late would bring back what is gone. In memory, since it
/// is asked for each: what this process does is known before the first row goes, what another node does once the audit is read again.</summary>
public sealed class LateDecisions(IDbContextFactory<LooperDb> databases, EventReader events, TimeProvider clock)
{
    /// <summary>Longest that a decision may have been on its way; what was gone before is not asked for.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _cleared = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _erased = new(); // by the keyed hash of the unit
    private volatile byte[] _key = [];
    private long _readTo;

    /// <summary>The audit was read once; before, nobody can tell.</summary>
    public bool IsKnown { get; private set; }

    public DateTimeOffset? ClearedAt(Guid decisionPointId) => _cleared.TryGetValue(decisionPointId, out var at) ? at : null;

    public DateTimeOffset? ErasedAt(string unit) => !_erased.IsEmpty && _erased.TryGetValue(ErasureReceipt.HashOf(_key, unit), out var at) ? at : null;

    /// <summary>Reads what has come into the audit, and first what the journal has noted and not ended.</summary>
    public async Task ReadAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var (readTo, since) = (_readTo, IsKnown ? DateTimeOffset.MinValue : clock.GetUtcNow() - Longest);
        var rows = await db.Set<AuditEntry>().AsNoTracking().Where(e => (e.Action == NotedRemovals.Cleared || e.Action == ErasureActions.Action) && e.Id > readTo && e.At >= since)
            .Select(e => new { e.Id, e.Action, e.Subject, e.At, e.Before, e.After }).ToListAsync(cancel);
        var keys = rows.Where(r => r.Action == NotedRemovals.Cleared).Select(r => r.Subject).ToHashSet();
        var points = keys.Count == 0 ? [] : await db.Set<DecisionPoint>().AsNoTracking().Where(p => keys.Contains(p.Key)).ToDictionaryAsync(p => p.Key, p => p.Id, cancel);
        if (_key.Length == 0) _key = await ErasureActions.KeyAsync(db, cancel) ?? [];
        if (!IsKnown)
        {
            foreach (var noted in await events.RemovalsAsync(cancel)) if (noted.Order.Point is { } point) Clear(point, noted.AskedAt);
        }
        foreach (var row in rows)
        {
            if (row.Action == ErasureActions.Action && Read<ErasureReceipt>(row.After) is { UnitHash: { } unit } receipt) Erase(unit, receipt.Repeats ?? receipt.At);
            else if (points.TryGetValue(row.Subject, out var point)) Clear(point, Read<Asked>(row.Before)?.At ?? row.At);
            _readTo = Math.Max(_readTo, row.Id);
        }
        if (rows.Count > 0) Forget(clock.GetUtcNow() - Longest);
        IsKnown = true;
    }

    /// <returns>Takes it back, where nothing was cleared after all.</returns>
    internal Action Clear(Guid decisionPointId, DateTimeOffset at) => Put(_cleared, decisionPointId, at);

    /// <inheritdoc cref="Clear"/>
    internal Action Erase(string keyedHash, DateTimeOffset at) => Put(_erased, keyedHash, at);

    /// <summary>The key of the installation, where it has just been made or read.</summary>
    internal void Know(byte[] key) => _key = key;

    private static Action Put<T>(ConcurrentDictionary<T, DateTimeOffset> all, T what, DateTimeOffset at)
        where T : notnull
    {
        var before = all.GetValueOrDefault(what);
        if (before >= at) return () => { };
        all[what] = at;
        return () =>
        {
            if (before == default) all.TryRemove(what, out _);
            else all[what] = before;
        };
    }

    // Reports of so long ago are refused whatever they are of.
    private void Forget(DateTimeOffset until)
    {
        foreach (var old in _cleared.Where(c => c.Value < until)) _cleared.TryRemove(old);
        foreach (var old in _erased.Where(c => c.Value < until)) _erased.TryRemove(old);
    }

    private static T? Read<T>(string? json)
        where T : class
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize<T>(json, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Of what the audit says of a clearing.</summary>
    private sealed record Asked([property: System.Text.Json.Serialization.JsonPropertyName("asked")] DateTimeOffset? At);
}

using Looper.Core.Serving;
using Looper.Core.Events.Records;
using Looper.Core.Events.Sqlite;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events;

/// <summary>Reads the journal for people: single decisions, lists, counts. Its connections cannot write.</summary>
public sealed class EventReader(JournalOptions options, CorruptRecords corrupt)
{
    public Task<DecisionRecord?> FindDecisionAsync(string id, CancellationToken cancel) =>
        ReadAsync(connection => EventLists.Find(connection, id, corrupt), cancel);

    /// <summary>For each id the decisions of the point whose ids begin with the same bytes. All are UUIDs.</summary>
    public Task<List<DecisionRecord>[]> AlikeAsync(Guid decisionPointId, IReadOnlyList<string> ids, int bytes, CancellationToken cancel) =>
        ReadAsync(connection => EventLists.Alike(connection, decisionPointId, ids, bytes, corrupt), cancel);

    /// <summary>The decision with every observation that names it, or names its unit within 180 days after it; oldest first.</summary>
    public Task<DecisionTrail?> FindTrailAsync(string id, CancellationToken cancel) =>
        ReadAsync(connection => EventLists.FindTrail(connection, id, corrupt), cancel);

    /// <summary>Newest first. A page may hold fewer than asked for, even none, with more to come: looking stops after 20,000 rows.</summary>
    /// <param name="after">The <see cref="EventPage{T}.Next"/> of the page before; null for the first.</param>
    /// <param name="take">1 to 1,000.</param>
    public Task<EventPage<DecisionRecord>> DecisionsAsync(DecisionFilter filter, string? after, int take, CancellationToken cancel) =>
        ReadAsync(connection => EventLists.Decisions(connection, filter, after, Math.Clamp(take, 1, 1_000), corrupt), cancel);

    /// <summary>Observations as they came in, newest first, of all decision points.</summary>
    /// <inheritdoc cref="DecisionsAsync"/>
    public Task<EventPage<ObservationRecord>> ObservationsAsync(ObservationFilter filter, string? after, int take, CancellationToken cancel) =>
        ReadAsync(connection => EventLists.Observations(connection, filter, after, Math.Clamp(take, 1, 1_000), corrupt), cancel);

    /// <summary>Decisions and outcomes per hour, oldest first; hours without any are left out. Up to a second old.</summary>
    public Task<IReadOnlyList<HourCount>> HoursAsync(Guid decisionPointId, DateTimeOffset from, DateTimeOffset until, CancellationToken cancel) =>
        CountAsync<HourCount>(
            """
            SELECT hour, sum(d), sum(o) FROM (
              SELECT hour, decisions AS d, 0 AS o FROM decision_hours WHERE point = ?1 AND hour BETWEEN ?2 AND ?3
              UNION ALL SELECT hour, 0, observations FROM outcome_hours WHERE point = ?1 AND hour BETWEEN ?2 AND ?3)
            GROUP BY hour ORDER BY hour
            """,
            decisionPointId, from, until,
            row => new(new DateTimeOffset(row.Int64(0) * TimeSpan.TicksPerHour, TimeSpan.Zero), row.Int64(1), row.Int64(2)), cancel);

    /// <summary>How often each option of each version was chosen, by reason. Up to a second old; whole hours.</summary>
    public Task<IReadOnlyList<OptionCount>> OptionsAsync(Guid decisionPointId, DateTimeOffset from, DateTimeOffset until, CancellationToken cancel) =>
        CountAsync<OptionCount>(
            """
            SELECT version, option, reason, sum(d) FROM (
              SELECT version, option, reason, decisions AS d FROM version_hours WHERE point = ?1 AND hour BETWEEN ?2 AND ?3
              UNION ALL SELECT 0, option, reason, decisions FROM decision_hours WHERE point = ?1 AND hour BETWEEN ?2 AND ?3
              UNION ALL SELECT 0, option, reason, -decisions FROM version_hours WHERE point = ?1 AND hour BETWEEN ?2 AND ?3)
            GROUP BY 1, 2, 3 HAVING sum(d) > 0 ORDER BY 1, 2, 3
            """,
            decisionPointId, from, until, row => new((int)row.Int64(0), (int)row.Int64(1), (Reason)row.Int64(2), row.Int64(3)), cancel);

    /// <summary>How many observations of each outcome came in for the decision point. Up to a second old; whole hours of receipt.</summary>
    public Task<IReadOnlyList<OutcomeCount>> OutcomesAsync(Guid decisionPointId, DateTimeOffset from, DateTimeOffset until, CancellationToken cancel) =>
        CountAsync<OutcomeCount>(
            "SELECT outcome, sum(observations), sum(total) FROM outcome_hours WHERE point = ?1 AND hour BETWEEN ?2 AND ?3 GROUP BY 1 HAVING sum(observations) > 0 ORDER BY 1",
            decisionPointId, from, until, row => new(System.Text.Encoding.UTF8.GetString(row.Bytes(0)), row.Int64(1), row.Number(2)), cancel);

    /// <summary>Erasures that have begun and not ended, the oldest first.</summary>
    public Task<List<NotedErasure>> ErasuresAsync(CancellationToken cancel) => ReadAsync(ErasureNotes.Read, cancel);

    /// <summary>Removals of decision points, and of what was simulated, that have begun and not ended.</summary>
    public Task<List<NotedRemoval>> RemovalsAsync(CancellationToken cancel) => ReadAsync(RemovalNotes.Read, cancel);

    /// <summary>Sizes and rate of growth. Counts rows: a second or so for ten million.</summary>
    public Task<EventStorage> StorageAsync(DateTimeOffset now, CancellationToken cancel) => Task.Run(() => StorageRead.Read(options, now), cancel);

    private Task<IReadOnlyList<T>> CountAsync<T>(
        string sql, Guid decisionPointId, DateTimeOffset from, DateTimeOffset until, Func<Statement, T> read, CancellationToken cancel) => ReadAsync<IReadOnlyList<T>>(
        connection =>
        {
            var point = PointTable.Read(connection).NumberOf(decisionPointId) ?? 0;
            using var rows = new Statement(connection, sql).Bind(0, point).Bind(1, from.UtcTicks / TimeSpan.TicksPerHour).Bind(2, until.UtcTicks / TimeSpan.TicksPerHour);
            var items = new List<T>();
            while (rows.Step()) items.Add(read(rows));
            return items;
        },
        cancel);

    // SQLite has no asynchronous reads: keep them off the caller's thread, which may draw a page.
    private Task<T> ReadAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancel) => Task.Run(
        () =>
        {
            using var connection = EventFile.OpenForReading(options);
            return read(connection);
        },
        cancel);
}

using Looper.Core.Events.Histories;
using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Writes observations inside the writer's transaction, and counts them for the points they belong to.</summary>
internal sealed class ObservationTable : IDisposable
{
    /// <summary>Rows whose id is unique over all observations: all but those derived from a content that names a decision.</summary>
    public const string UniqueOverAll = "decision IS NULL OR typeof(id) = 'text' OR length(id) = 16";

    private readonly SqliteConnection _connection;
    private readonly CorruptRecords _corrupt;
    private readonly HistoryFeed _histories;
    private readonly Statement _insert, _find, _findOfDecision, _delete, _deleteAfter, _await, _ofDecision;
    private readonly byte[] _decisionKey = new byte[EventKey.MaxBytes];
    private readonly List<bool> _stored = [];
    private string? _countedDecision;
    private long? _countedPoint;

    public ObservationTable(SqliteConnection connection, CorruptRecords corrupt, HistoryFeed histories, long reach)
    {
        (_connection, _corrupt, _histories) = (connection, corrupt, histories);
        _insert = new(connection, "INSERT INTO observations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING");
        _find = new(connection, $"SELECT {EventRows.Observation} FROM observations WHERE id = ?1 AND ({UniqueOverAll})");
        _findOfDecision = new(connection, $"SELECT {EventRows.Observation} FROM observations WHERE id = ?1 AND decision = ?2");
        _delete = new(connection, "DELETE FROM observations WHERE seq = ?1");
        _deleteAfter = new(connection, "DELETE FROM observations WHERE seq > ?1");
        _await = new(connection, "INSERT INTO unmatched VALUES (?1) ON CONFLICT DO NOTHING");
        _ofDecision = new(connection, $"SELECT {EventRows.Observation} FROM observations WHERE decision = ?1 AND seq <= ?2");
        Last = Math.Max(reach, EventFile.Scalar(connection, "SELECT max(seq) FROM observations"));
    }

    /// <inheritdoc cref="DecisionTable.Last"/>
    public long Last { get; set; }

    /// <summary>All observations of one call or none: stored, replayed when each was there, conflict when one is there with other content,
    /// foreign when one names a decision that its sender may not report on.</summary>
    /// <param name="from">Where the rows of the call begin.</param>
    public AppendStatus Append(ObservationRecord[] call, ObservationRows rows, int from, DecisionTable decisions, PointTable points, EventCounts counts)
    {
        for (var i = 0; i < call.Length; i++)
        {
            if (IsForeign(call[i], rows.Columns(from + i).Decision, decisions, points)) return AppendStatus.Foreign;
        }
        var before = Last;
        _countedDecision = null; // outcomes of one call mostly name one decision: looked up once
        _stored.Clear();
        for (var i = 0; i < call.Length; i++)
        {
            var status = Append(rows.Columns(from + i), rows.Payload(from + i), call[i].RequestHash);
            if (status == AppendStatus.Conflict)
            {
                if (Last > before) _deleteAfter.Bind(0, before).Run();
                return AppendStatus.Conflict;
            }
            _stored.Add(status == AppendStatus.Stored);
        }
        for (var i = 0; i < call.Length; i++)
        {
            if (!_stored[i]) continue;
            var decision = rows.Columns(from + i).Decision;
            Count(call[i], decision, decisions, counts);
            if (_histories.Takes(call[i])) _histories.Stored(call[i], decision.Bytes.IsEmpty ? null : decisions.Find(decision));
        }
        return Last > before || call.Length == 0 ? AppendStatus.Stored : AppendStatus.Replayed;
    }

    public void Count(ObservationRecord record, DecisionTable decisions, EventCounts counts) =>
        Count(record, record.DecisionId is null ? default : EventKey.Of(record.DecisionId, _decisionKey), decisions, counts);

    private void Count(ObservationRecord record, in EventKey decision, DecisionTable decisions, EventCounts counts)
    {
        if (record.DecisionId is { } decisionId)
        {
            if (decisionId != _countedDecision) (_countedDecision, _countedPoint) = (decisionId, decisions.PointOf(decision));
            if (_countedPoint is { } point)
            {
                counts.Add(point, record.ReceivedAt.UtcTicks, record.Outcome, record.Value);
                return;
            }
            _await.Bind(0, decision).Run();
            decisions.Awaited += _connection.Changes();
            return;
        }
        foreach (var one in decisions.PointsOf(UnitHash.Of(record.Unit!))) counts.Add(one, record.ReceivedAt.UtcTicks, record.Outcome, record.Value);
    }

    /// <summary>Counts the observations that name this decision, up to a row.</summary>
    /// <param name="decision">Where it has just come: then they enter its unit's history too.</param>
    public void CountFor(string decisionId, long upTo, long point, EventCounts counts, DecisionRecord? decision = null)
    {
        _ofDecision.Bind(0, EventKey.Of(decisionId, _decisionKey)).Bind(1, upTo);
        while (_ofDecision.Step())
        {
            if (EventRows.ReadObservation(_ofDecision, _corrupt) is not { } record) continue;
            counts.Add(point, record.ReceivedAt.UtcTicks, record.Outcome, record.Value);
            if (decision is not null && _histories.Takes(record)) _histories.Stored(record, decision);
        }
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)[_insert, _find, _findOfDecision, _delete, _deleteAfter, _await, _ofDecision]) statement.Dispose();
    }

    private static bool IsForeign(ObservationRecord record, in EventKey decision, DecisionTable decisions, PointTable points) =>
        record.MayConcern is { } allowed && !decision.Bytes.IsEmpty && decisions.PointOf(decision) is { } point && !allowed.Contains(points.IdOf(point));

    private AppendStatus Append(in ObservationColumns columns, ReadOnlySpan<byte> payload, ulong requestHash)
    {
        if (!Insert(columns, payload))
        {
            if (FindHash(columns, out var seq) is { } hash) return hash == requestHash ? AppendStatus.Replayed : AppendStatus.Conflict;
            _delete.Bind(0, seq).Run(); // unreadable, and reported: the new one takes its place
            Insert(columns, payload);
        }
        Last++;
        return AppendStatus.Stored;
    }

    private ulong? FindHash(in ObservationColumns columns, out long seq)
    {
        var find = columns.Id.IsDerived && !columns.Decision.Bytes.IsEmpty ? _findOfDecision : _find;
        find.Bind(0, columns.Id);
        if (find == _findOfDecision) find.Bind(1, columns.Decision);
        seq = find.Step() ? find.Int64(0) : 0;
        ulong? hash = seq > 0 && EventRows.TryReadObserved(find, _corrupt, out var observed) ? observed.RequestHash : null;
        find.Reset();
        return hash;
    }

    private bool Insert(in ObservationColumns columns, ReadOnlySpan<byte> payload)
    {
        _insert.Bind(0, Last + 1).Bind(1, columns.Id).Bind(4, columns.Ticks).Bind(5, (long)columns.Marks).Bind(6, payload);
        if (columns.Decision.Bytes.IsEmpty) _insert.BindNull(2).Bind(3, columns.Unit);
        else _insert.Bind(2, columns.Decision).BindNull(3);
        _insert.Run();
        return _connection.Changes() > 0;
    }
}

using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Writes observations inside the writer's transaction, and counts them for the points they belong to.</summary>
internal sealed class ObservationTable : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly CorruptRecords _corrupt;
    private readonly Statement _insert, _find, _delete, _deleteBySeq, _await, _ofDecision;
    private readonly byte[] _key = new byte[EventKey.MaxBytes], _decisionKey = new byte[EventKey.MaxBytes];
    private readonly List<long> _pointsOfUnit = [];
    private readonly List<bool> _stored = [];
    private byte[] _payload = new byte[4_096];

    public ObservationTable(SqliteConnection connection, CorruptRecords corrupt, long reach)
    {
        (_connection, _corrupt) = (connection, corrupt);
        _insert = new(connection, "INSERT INTO observations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING");
        _find = new(connection, $"SELECT {EventRows.Observation} FROM observations WHERE id = ?1");
        _delete = new(connection, "DELETE FROM observations WHERE id = ?1");
        _deleteBySeq = new(connection, "DELETE FROM observations WHERE seq > ?1");
        _await = new(connection, "INSERT INTO unmatched VALUES (?1) ON CONFLICT DO NOTHING");
        _ofDecision = new(connection, $"SELECT {EventRows.Observation} FROM observations WHERE decision = ?1 AND seq <= ?2");
        Last = Math.Max(reach, EventFile.Scalar(connection, "SELECT max(seq) FROM observations"));
    }

    /// <inheritdoc cref="DecisionTable.Last"/>
    public long Last { get; set; }

    /// <summary>All observations of one call or none: stored, replayed when each was there, conflict when one is there with other content,
    /// foreign when one names a decision that its sender may not report on.</summary>
    public AppendStatus Append(ObservationRecord[] call, DecisionTable decisions, PointTable points, EventCounts counts)
    {
        foreach (var record in call)
        {
            if (IsForeign(record, decisions, points)) return AppendStatus.Foreign;
        }
        var before = Last;
        _stored.Clear();
        foreach (var record in call)
        {
            var status = Append(record);
            if (status == AppendStatus.Conflict)
            {
                if (Last > before) _deleteBySeq.Bind(0, before).Run();
                return AppendStatus.Conflict;
            }
            _stored.Add(status == AppendStatus.Stored);
        }
        for (var i = 0; i < call.Length; i++)
        {
            if (_stored[i]) Count(call[i], decisions, counts);
        }
        return Last > before || call.Length == 0 ? AppendStatus.Stored : AppendStatus.Replayed;
    }

    public void Count(ObservationRecord record, DecisionTable decisions, EventCounts counts)
    {
        if (record.DecisionId is { } decisionId)
        {
            var decision = EventKey.Of(decisionId, _decisionKey);
            if (decisions.PointOf(decision) is { } point)
            {
                counts.Add(point, record.ReceivedAt.UtcTicks, record.Outcome, record.Value);
                return;
            }
            _await.Bind(0, decision).Run();
            decisions.Awaited += _connection.Changes();
            return;
        }
        _pointsOfUnit.Clear();
        decisions.AddPointsOf(UnitHash.Of(record.Unit!), _pointsOfUnit);
        foreach (var point in _pointsOfUnit) counts.Add(point, record.ReceivedAt.UtcTicks, record.Outcome, record.Value);
    }

    /// <summary>Counts the observations that name this decision, up to a row.</summary>
    public void CountFor(string decisionId, long upTo, long point, EventCounts counts)
    {
        _ofDecision.Bind(0, EventKey.Of(decisionId, _decisionKey)).Bind(1, upTo);
        while (_ofDecision.Step())
        {
            if (EventRows.ReadObservation(_ofDecision, _corrupt) is { } record) counts.Add(point, record.ReceivedAt.UtcTicks, record.Outcome, record.Value);
        }
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)[_insert, _find, _delete, _deleteBySeq, _await, _ofDecision]) statement.Dispose();
    }

    private bool IsForeign(ObservationRecord record, DecisionTable decisions, PointTable points) =>
        record is { MayConcern: { } allowed, DecisionId: { } decision }
        && decisions.PointOf(EventKey.Of(decision, _decisionKey)) is { } point && !allowed.Contains(points.IdOf(point));

    private AppendStatus Append(ObservationRecord record)
    {
        var id = EventKey.Of(record.Id, _key);
        var decision = record.DecisionId is null ? default : EventKey.Of(record.DecisionId, _decisionKey);
        var unit = record.DecisionId is null ? UnitHash.Of(record.Unit!) : 0;
        var columns = new ObservationColumns(id, decision, unit, record.Time.UtcTicks, record.Marks);
        var size = ObservationCodec.MaxBytes(record);
        if (size > _payload.Length) _payload = new byte[size * 2];
        var payload = ObservationCodec.Write(record, columns, _payload);
        if (!Insert(columns, payload))
        {
            if (FindHash(id) is { } hash) return hash == record.RequestHash ? AppendStatus.Replayed : AppendStatus.Conflict;
            _delete.Bind(0, id).Run(); // unreadable, and reported: the new one takes its place
            Insert(columns, payload);
        }
        Last++;
        return AppendStatus.Stored;
    }

    private ulong? FindHash(in EventKey id)
    {
        ulong? hash = _find.Bind(0, id).Step() && EventRows.TryReadObserved(_find, _corrupt, out var observed) ? observed.RequestHash : null;
        _find.Reset();
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

using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Writes decisions inside the writer's transaction. The unique index on the id, not a cache, tells a replay.</summary>
internal sealed class DecisionTable : IDisposable
{
    private const int EraBits = 10, ErasSearched = 1_024;

    private readonly SqliteConnection _connection;
    private readonly PointTable _points;
    private readonly CorruptRecords _corrupt;
    private readonly Statement _insert, _find, _pointOf, _delete, _awaited, _ofUnit;
    private readonly byte[] _key = new byte[EventKey.MaxBytes];
    private readonly RecentUnits _recent = new();
    private byte[] _payload = new byte[4_096];

    public DecisionTable(SqliteConnection connection, PointTable points, CorruptRecords corrupt, long reach)
    {
        (_connection, _points, _corrupt) = (connection, points, corrupt);
        _insert = new(connection, "INSERT INTO decisions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING");
        _find = new(connection, $"SELECT {EventRows.Decision} FROM decisions WHERE id = ?1");
        _pointOf = new(connection, "SELECT point FROM decisions WHERE id = ?1");
        _delete = new(connection, "DELETE FROM decisions WHERE id = ?1");
        _awaited = new(connection, "DELETE FROM unmatched WHERE decision = ?1");
        _ofUnit = new(connection, "SELECT DISTINCT point FROM decisions WHERE seq >> 10 = ?1 AND unit = ?2");
        Last = Math.Max(reach, EventFile.Scalar(connection, "SELECT max(seq) FROM decisions"));
        Awaited = EventFile.Scalar(connection, "SELECT count(*) FROM unmatched");
    }

    /// <summary>The number of the newest row; never given twice, even when that row was removed.</summary>
    public long Last { get; set; }

    /// <summary>Observations came for this many decisions that are not here.</summary>
    public long Awaited { get; set; }

    /// <param name="wasAwaited">Observations of this decision are here already.</param>
    public Appended Append(DecisionRecord record, long point, out bool wasAwaited)
    {
        wasAwaited = false;
        var id = EventKey.Of(record.Id, _key);
        var columns = new DecisionColumns(id, record.DecisionPointId, record.Time.UtcTicks, UnitHash.Of(record.Unit), record.Marks);
        var size = DecisionCodec.MaxBytes(record);
        if (size > _payload.Length) _payload = new byte[size * 2];
        var payload = DecisionCodec.Write(record, columns, _payload);
        if (!Insert(columns, point, payload))
        {
            if (Find(id) is { } stored)
                return stored.RequestHash == record.RequestHash ? new(AppendStatus.Replayed, stored) : new(AppendStatus.Conflict);
            _delete.Bind(0, id).Run(); // unreadable, and reported: the new one takes its place
            Insert(columns, point, payload);
        }
        Last++;
        _recent.Add(columns.Unit, point);
        if (Awaited > 0)
        {
            _awaited.Bind(0, id).Run();
            wasAwaited = _connection.Changes() > 0;
            if (wasAwaited) Awaited--;
        }
        return new(AppendStatus.Stored);
    }

    public DecisionRecord? Find(in EventKey id)
    {
        var record = _find.Bind(0, id).Step() ? EventRows.ReadDecision(_find, _points, _corrupt) : null;
        _find.Reset();
        return record;
    }

    /// <summary>The point of a decision; null where it is not here.</summary>
    public long? PointOf(in EventKey id)
    {
        long? point = _pointOf.Bind(0, id).Step() ? _pointOf.Int64(0) : null;
        _pointOf.Reset();
        return point;
    }

    /// <summary>The points that decided for the unit: those in memory, or else those of its latest decisions, looked for among the last million.</summary>
    public ReadOnlySpan<long> PointsOf(long unit)
    {
        if (_recent.TryGet(unit, out var points)) return points;
        var last = Last >> EraBits;
        for (var era = last; era >= 0 && era > last - ErasSearched; era--)
        {
            _ofUnit.Bind(0, era).Bind(1, unit);
            while (_ofUnit.Step()) points = _recent.Add(unit, _ofUnit.Int64(0));
            if (!points.IsEmpty) return points;
        }
        return _recent.AddUnknown(unit);
    }

    /// <summary>After a rollback or a removal: what is in memory may not be so.</summary>
    public void ForgetUnits() => _recent.Clear();

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)[_insert, _find, _pointOf, _delete, _awaited, _ofUnit]) statement.Dispose();
    }

    private bool Insert(in DecisionColumns columns, long point, ReadOnlySpan<byte> payload)
    {
        _insert.Bind(0, Last + 1).Bind(1, columns.Id).Bind(2, point).Bind(3, columns.Ticks).Bind(4, columns.Unit).Bind(5, (long)columns.Marks).Bind(6, payload).Run();
        return _connection.Changes() > 0;
    }
}

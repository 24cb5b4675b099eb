using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Writes decisions inside the writer's transaction. The unique index on the id, not a cache, tells a replay.</summary>
internal sealed class DecisionTable : IDisposable
{
    private const int LotRows = 16, ErasSearched = 1_024;
    private static readonly int[] s_lots = [64, LotRows, 4, 1]; // a hundred rows are four statements

    private readonly SqliteConnection _connection;
    private readonly PointTable _points;
    private readonly CorruptRecords _corrupt;
    private readonly DecisionInsert[] _inserts;
    private readonly DecisionInsert _numbered;
    private readonly Statement _newest, _find, _pointOf, _delete, _deleteAfter, _awaited, _ofUnit;
    private readonly UnitEras _eras;
    private readonly RecentUnits _recent = new();
    private UnitFilter? _decided; // read when it is first asked
    private bool _hasNewest; // the row with the number Last was not removed, so SQLite's next number is the one after it

    public DecisionTable(SqliteConnection connection, PointTable points, CorruptRecords corrupt, long reach)
    {
        (_connection, _points, _corrupt) = (connection, points, corrupt);
        _inserts = [.. s_lots.Select(rows => new DecisionInsert(connection, rows))];
        _numbered = new(connection, 1, isNumbered: true);
        _newest = new(connection, "SELECT max(seq) FROM decisions");
        _find = new(connection, $"SELECT {EventRows.Decision} FROM decisions WHERE id = ?1");
        _pointOf = new(connection, "SELECT point FROM decisions WHERE id = ?1");
        _delete = new(connection, "DELETE FROM decisions WHERE id = ?1");
        _deleteAfter = new(connection, "DELETE FROM decisions WHERE seq > ?1");
        _awaited = new(connection, "DELETE FROM unmatched WHERE decision = ?1");
        _ofUnit = new(connection, "SELECT point FROM decisions WHERE seq = ?1 AND unit = ?2");
        _eras = new(connection);
        Last = Math.Max(reach, EventFile.Scalar(connection, "SELECT max(seq) FROM decisions"));
        Awaited = EventFile.Scalar(connection, "SELECT count(*) FROM unmatched");
    }

    /// <summary>The number of the newest row; never given twice, even when that row was removed.</summary>
    public long Last { get; set; }

    /// <summary>Observations came for this many decisions that are not here.</summary>
    public long Awaited { get; set; }

    /// <summary>Before a group: between groups rows are removed, and a commit that seemed to fail may have been one.</summary>
    public void Begin()
    {
        var newest = _newest.Step() ? _newest.Int64(0) : 0;
        _newest.Reset();
        _hasNewest = newest >= Last;
        Last = Math.Max(Last, newest);
    }

    /// <summary>Each is stored, replayed, or in conflict with what is there under its id.</summary>
    /// <param name="rows">What is written of each.</param>
    /// <param name="points">The decision point's number of each.</param>
    /// <param name="found">An answer each.</param>
    public void Append(ReadOnlySpan<DecisionRecord> records, ReadOnlySpan<EncodedDecision> rows, ReadOnlySpan<long> points, Span<Appended> found)
    {
        var first = Last + 1;
        var areIn = rows.Length >= LotRows && InsertAll(rows, points);
        for (var i = 0; i < rows.Length; i++)
        {
            found[i] = areIn ? new(AppendStatus.Stored) : Append(records[i], rows.Slice(i, 1), points.Slice(i, 1));
            if (found[i].Status != AppendStatus.Stored) continue;
            _eras.Add(areIn ? first + i : Last, rows[i].Unit);
            _recent.Add(rows[i].Unit, points[i]);
            _decided?.Add(rows[i].Unit);
        }
    }

    /// <summary>Observations of this decision came before it: told once.</summary>
    public bool WasAwaited(in EventKey id)
    {
        if (Awaited == 0) return false;
        _awaited.Bind(0, id).Run();
        if (_connection.Changes() == 0) return false;
        Awaited--;
        return true;
    }

    // Nearly always all are new. Where not, none of them stays, and they are looked at one by one.
    private bool InsertAll(ReadOnlySpan<EncodedDecision> rows, ReadOnlySpan<long> points)
    {
        var before = Last;
        while (!rows.IsEmpty)
        {
            var insert = Insert(rows.Length);
            if (!insert.Run(rows, points, Last + 1))
            {
                _deleteAfter.Bind(0, before).Run();
                Last = before;
                Begin();
                return false;
            }
            Last += insert.Count;
            _hasNewest = true;
            rows = rows[insert.Count..];
            points = points[insert.Count..];
        }
        return true;
    }

    private DecisionInsert Insert(int most)
    {
        if (!_hasNewest) return _numbered;
        var i = 0;
        while (_inserts[i].Count > most) i++;
        return _inserts[i];
    }

    private Appended Append(DecisionRecord record, ReadOnlySpan<EncodedDecision> row, ReadOnlySpan<long> point)
    {
        if (!Insert(1).Run(row, point, Last + 1))
        {
            var id = row[0].Id;
            if (Find(id) is { } stored) return stored.RequestHash == record.RequestHash ? new(AppendStatus.Replayed, stored) : new(AppendStatus.Conflict);
            _delete.Bind(0, id).Run(); // unreadable, and reported: the new one takes its place
            if (!_numbered.Run(row, point, Last + 1)) throw new InvalidOperationException($"Row {Last + 1} of the decisions cannot be written.");
        }
        Last++;
        _hasNewest = true;
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
        _decided ??= UnitEras.Latest(_connection, ErasSearched);
        if (!_decided.MayHold(unit)) return _recent.AddUnknown(unit);
        var era = -1L;
        foreach (var seq in UnitEras.Find(_connection, unit, ErasSearched))
        {
            if (!points.IsEmpty && seq >> UnitEras.Bits != era) return points;
            if (_ofUnit.Bind(0, seq).Bind(1, unit).Step())
            {
                points = _recent.Add(unit, _ofUnit.Int64(0));
                era = seq >> UnitEras.Bits;
            }
            _ofUnit.Reset();
        }
        return points.IsEmpty ? _recent.AddUnknown(unit) : points;
    }

    /// <summary>After a rollback or a removal: what is in memory may not be so.</summary>
    public void ForgetUnits()
    {
        _recent.Clear();
        _eras.Forget();
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<IDisposable>)[.. _inserts, _numbered, _newest, _find, _pointOf, _delete, _deleteAfter, _awaited, _ofUnit, _eras]) statement.Dispose();
    }
}

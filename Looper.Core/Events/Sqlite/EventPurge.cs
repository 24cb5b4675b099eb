using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Removes what is older than it may be kept: point by point in time order, then old observations that belong to no decision here.
/// Counts per hour stay: they name nobody.</summary>
internal sealed class EventPurge : IRemoval
{
    private const int DecisionsAtOnce = 250, ObservationsAtOnce = 2_000;

    private readonly SqliteConnection _connection;
    private readonly CorruptRecords _corrupt;
    private readonly Action<long> _noLongerAwaited;
    private readonly Queue<(long Point, long Before)> _points = [];
    private readonly long _othersBefore, _unordered;
    private readonly List<(long Seq, byte[] Id, bool IsBlob)> _rows = [];
    private long _after;

    /// <param name="noLongerAwaited">Told how many decisions are no longer waited for.</param>
    public EventPurge(SqliteConnection connection, PointTable points, PurgeOrder order, CorruptRecords corrupt, Action<long> noLongerAwaited)
    {
        (_connection, _corrupt, _noLongerAwaited, _othersBefore) = (connection, corrupt, noLongerAwaited, order.OthersBefore.UtcTicks);
        _unordered = RefillNote.UpTo(connection);
        foreach (var (number, id) in points.All) _points.Enqueue((number, order.PointsBefore.GetValueOrDefault(id, order.OthersBefore).UtcTicks));
    }

    public Removed Total { get; private set; }

    public bool Step()
    {
        if (!_points.TryPeek(out var next)) return StepOthers();
        if (RemoveDecisions(next.Point, next.Before) < DecisionsAtOnce) _points.Dequeue();
        return true;
    }

    private int RemoveDecisions(long point, long before)
    {
        _rows.Clear();
        using (var find = new Statement(_connection, "SELECT seq, id FROM decisions WHERE point = ?1 AND time < ?2 ORDER BY time LIMIT ?3"))
        {
            find.Bind(0, point).Bind(1, before).Bind(2, DecisionsAtOnce);
            while (find.Step()) _rows.Add((find.Int64(0), find.Bytes(1).ToArray(), find.IsBlob(1)));
        }
        using var decision = new Statement(_connection, "DELETE FROM decisions WHERE seq = ?1");
        using var named = new Statement(_connection, "DELETE FROM observations WHERE decision = ?1");
        var observations = 0L;
        foreach (var (seq, id, isBlob) in _rows)
        {
            named.Bind(0, new EventKey(id, isBlob)).Run();
            observations += _connection.Changes();
            decision.Bind(0, seq).Run();
        }
        Total = new(Total.Decisions + _rows.Count, Total.Observations + observations);
        return _rows.Count;
    }

    // In the order they came in, so the first that is young enough ends it; but of those that came back from a server all are looked at.
    private bool StepOthers()
    {
        var (old, seen) = (new List<(long Seq, byte[]? Decision, bool IsBlob)>(), 0);
        using (var find = new Statement(_connection, $"SELECT {EventRows.Observation} FROM observations WHERE seq > ?1 ORDER BY seq LIMIT ?2"))
        {
            find.Bind(0, _after).Bind(1, ObservationsAtOnce);
            for (; find.Step(); seen++)
            {
                if (EventRows.TryReadObserved(find, _corrupt, out var observed) && observed.ReceivedTicks >= _othersBefore)
                {
                    if (find.Int64(0) <= _unordered)
                    {
                        _after = find.Int64(0);
                        continue;
                    }
                    find.Reset();
                    seen = 0;
                    break;
                }
                _after = find.Int64(0);
                old.Add((_after, find.IsNull(2) ? null : find.Bytes(2).ToArray(), find.IsBlob(2)));
            }
        }
        using var isHere = new Statement(_connection, "SELECT 1 FROM decisions WHERE id = ?1");
        using var remove = new Statement(_connection, "DELETE FROM observations WHERE seq = ?1");
        using var awaited = new Statement(_connection, "DELETE FROM unmatched WHERE decision = ?1");
        var removed = 0;
        foreach (var (seq, decision, isBlob) in old)
        {
            if (decision is not null)
            {
                var key = new EventKey(decision, isBlob);
                if (isHere.Bind(0, key).Step())
                {
                    isHere.Reset();
                    continue;
                }
                awaited.Bind(0, key).Run();
                _noLongerAwaited(_connection.Changes());
            }
            remove.Bind(0, seq).Run();
            removed++;
        }
        Total = new(Total.Decisions, Total.Observations + removed);
        if (seen < ObservationsAtOnce) UnitEras.Drop(_connection);
        return seen == ObservationsAtOnce;
    }
}

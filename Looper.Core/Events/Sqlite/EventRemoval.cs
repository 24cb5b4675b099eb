using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Takes events away in small transactions, so that appends go on between them: decisions with the observations that name
/// them, then, when removing everything simulated, what was observed for simulated units.</summary>
/// <param name="noted">Written by a step of its own before anything goes, so that a later call can go on with it.</param>
internal sealed class EventRemoval(SqliteConnection connection, PointTable points, EventCounts counts, NotedRemoval noted, CorruptRecords corrupt, Action forgetUnits) : IRemoval
{
    public const int DecisionsAtOnce = 500, ObservationsAtOnce = 5_000;

    /// <summary>Rows that a step looks at, whether or not any of them goes: nothing is appended meanwhile.</summary>
    public const int LookedAt = 20_000;

    private readonly Guid? _point = noted.Order.Point; // none: all that was simulated
    private readonly List<(long Seq, long Point, long Time, DecisionRecord? Record)> _rows = [];
    private bool _isNoted;
    private long _decided, _observed; // looked at up to these
    private long _last; // what was decided later stays

    public Removed Total { get; private set; }

    public long Newest { get; private set; }

    // With the note: what comes later is counted as it comes, whatever goes meanwhile.
    public Guid? Forgets { get; private set; }

    public bool Step()
    {
        if (!_isNoted)
        {
            (_isNoted, var note) = (true, RemovalNotes.Note(connection, noted));
            (Total, _last, Forgets) = (note.Removed, note.Last!.Value, noted.Last is null ? _point : null);
            return true;
        }
        Forgets = null;
        var more = _point is { } id ? RemoveOf(id) : RemoveSimulated();
        RemovalNotes.Count(connection, noted.Id, Total);
        if (more) return true;
        UnitEras.Drop(connection);
        forgetUnits();
        return false;
    }

    private bool RemoveOf(Guid point)
    {
        using (var find = new Statement(connection, $"SELECT {EventRows.Decision} FROM decisions WHERE point = ?1 AND seq <= ?3 LIMIT ?2"))
            Remove(find.Bind(0, points.NumberOf(point) ?? 0).Bind(1, DecisionsAtOnce).Bind(2, _last));
        return _rows.Count == DecisionsAtOnce;
    }

    private bool RemoveSimulated()
    {
        if (EventFile.Scalar(connection, "SELECT max(seq) FROM decisions") is var last && _decided < last)
        {
            using var find = new Statement(connection, $"SELECT {EventRows.Decision} FROM decisions WHERE seq > ?1 AND seq <= ?2 AND marks & 1 ORDER BY seq LIMIT ?3");
            Remove(find.Bind(0, _decided).Bind(1, _decided + LookedAt).Bind(2, DecisionsAtOnce));
            _decided = _rows.Count == DecisionsAtOnce ? _rows[^1].Seq : _decided + LookedAt;
            return true;
        }
        if (_observed >= EventFile.Scalar(connection, "SELECT max(seq) FROM observations")) return false;
        RemoveSimulatedObservations();
        return true;
    }

    private void Remove(Statement found)
    {
        _rows.Clear();
        while (found.Step()) _rows.Add((found.Int64(0), found.Int64(2), found.Int64(3), EventRows.ReadDecision(found, points, corrupt)));
        long observations = 0;
        using var removeDecision = new Statement(connection, "DELETE FROM decisions WHERE seq = ?1");
        foreach (var (seq, point, time, record) in _rows)
        {
            if (record is not null)
            {
                observations += RemoveObservations(record.Id, point);
                Newest = Math.Max(Newest, time);
                if (_point is null) counts.Add(point, record.Time.UtcTicks, record.BlueprintVersion, record.Option, record.Reason, sign: -1);
            }
            removeDecision.Bind(0, seq).Run();
        }
        Total = new(Total.Decisions + _rows.Count, Total.Observations + observations);
    }

    private int RemoveObservations(string decisionId, long point)
    {
        var key = EventKey.Of(decisionId, new byte[EventKey.MaxBytes]);
        if (_point is null)
        {
            using var observed = new Statement(connection, $"SELECT {EventRows.Observation} FROM observations WHERE decision = ?1").Bind(0, key);
            while (observed.Step())
            {
                if (EventRows.ReadObservation(observed, corrupt) is { } record)
                    counts.Add(point, record.ReceivedAt.UtcTicks, record.Outcome, record.Value, sign: -1);
            }
        }
        using var remove = new Statement(connection, "DELETE FROM observations WHERE decision = ?1").Bind(0, key);
        remove.Run();
        return connection.Changes();
    }

    // What remains marked as simulated: observations by unit, and of decisions that were never here. Not in any count that stays.
    private void RemoveSimulatedObservations()
    {
        var found = new List<long>();
        using (var find = new Statement(connection, $"SELECT {EventRows.Observation} FROM observations WHERE seq > ?1 AND seq <= ?2 AND marks & 1 ORDER BY seq LIMIT ?3"))
        {
            find.Bind(0, _observed).Bind(1, _observed + LookedAt).Bind(2, ObservationsAtOnce);
            while (find.Step())
            {
                found.Add(find.Int64(0));
                if (EventRows.TryReadObserved(find, corrupt, out var observed)) Newest = Math.Max(Newest, observed.ReceivedTicks);
            }
        }
        using var remove = new Statement(connection, "DELETE FROM observations WHERE seq = ?1");
        foreach (var seq in found) remove.Bind(0, seq).Run();
        _observed = found.Count == ObservationsAtOnce ? found[^1] : _observed + LookedAt;
        Total = new(Total.Decisions, Total.Observations + found.Count);
    }
}

using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Takes events away in small transactions, so that appends go on between them: decisions with the observations that name
/// them, then, when removing everything simulated, what was observed for simulated units.</summary>
internal sealed class EventRemoval(SqliteConnection connection, PointTable points, EventCounts counts, Guid? decisionPointId, CorruptRecords corrupt) : IRemoval
{
    public const int DecisionsAtOnce = 500;

    private readonly List<(long Seq, long Point, long Time, DecisionRecord? Record)> _rows = [];
    private long _after;

    public Removed Total { get; private set; }

    public long Newest { get; private set; }

    public Guid? Forgets => decisionPointId;

    public bool Step()
    {
        _rows.Clear();
        using (var find = Find())
        {
            while (find.Step()) _rows.Add((find.Int64(0), find.Int64(2), find.Int64(3), EventRows.ReadDecision(find, points, corrupt)));
        }
        long observations = 0;
        using var removeDecision = new Statement(connection, "DELETE FROM decisions WHERE seq = ?1");
        foreach (var (seq, point, time, record) in _rows)
        {
            if (record is not null)
            {
                observations += RemoveObservations(record.Id, point);
                if (decisionPointId is null) counts.Add(point, record.Time.UtcTicks, record.BlueprintVersion, record.Option, record.Reason, sign: -1);
            }
            removeDecision.Bind(0, seq).Run();
            Newest = Math.Max(Newest, time);
        }
        var more = _rows.Count == DecisionsAtOnce;
        if (!more && decisionPointId is null) observations += RemoveSimulatedObservations(ref more);
        if (!more) UnitEras.Drop(connection);
        Total = new(Total.Decisions + _rows.Count, Total.Observations + observations);
        return more;
    }

    private Statement Find()
    {
        if (decisionPointId is { } id)
            return new Statement(connection, $"SELECT {EventRows.Decision} FROM decisions WHERE point = ?1 LIMIT ?2").Bind(0, points.NumberOf(id) ?? 0).Bind(1, DecisionsAtOnce);
        return new Statement(connection, $"SELECT {EventRows.Decision} FROM decisions WHERE seq > ?1 AND marks & 1 ORDER BY seq LIMIT ?2").Bind(0, _after).Bind(1, DecisionsAtOnce);
    }

    private int RemoveObservations(string decisionId, long point)
    {
        var key = EventKey.Of(decisionId, new byte[EventKey.MaxBytes]);
        if (decisionPointId is null)
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
    private int RemoveSimulatedObservations(ref bool more)
    {
        using var remove = new Statement(connection, "DELETE FROM observations WHERE seq IN (SELECT seq FROM observations WHERE marks & 1 LIMIT ?1)").Bind(0, 5_000);
        remove.Run();
        more = connection.Changes() == 5_000;
        return connection.Changes();
    }
}

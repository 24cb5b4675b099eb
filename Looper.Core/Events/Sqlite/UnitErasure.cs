using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Removes every decision of one unit, what was observed of those decisions, and what was observed of the unit, or what of it the order takes. Deleted bytes are
/// overwritten (<c>secure_delete</c>); the caller then empties the write-ahead log. Counts stay: they name nobody.</summary>
/// <param name="noted">Written by a step of its own before anything goes, so that a later call can go on with it; null leaves no note.</param>
internal sealed class UnitErasure(SqliteConnection connection, PointTable points, RemovalOrder order, NotedErasure? noted, CorruptRecords corrupt, Action forgetUnits) : IRemoval
{
    private const int RowsAtOnce = 500;

    private bool _isNoted = noted is null;
    private List<(long Seq, string Id)>? _decisions;

    public Removed Total { get; private set; }

    public long Newest { get; private set; }

    public bool Step()
    {
        if (!_isNoted)
        {
            (Total, _isNoted) = (ErasureNotes.Note(connection, noted!), true);
            return true;
        }
        _decisions ??= Find();
        var now = _decisions.Take(RowsAtOnce).ToList();
        _decisions.RemoveRange(0, now.Count);
        using var decision = new Statement(connection, "DELETE FROM decisions WHERE seq = ?1");
        using var named = new Statement(connection, "DELETE FROM observations WHERE decision = ?1");
        var (key, observations) = (new byte[EventKey.MaxBytes], 0L);
        foreach (var (seq, id) in now)
        {
            named.Bind(0, EventKey.Of(id, key)).Run();
            observations += connection.Changes();
            decision.Bind(0, seq).Run();
        }
        UnitEras.Erase(connection, now.Select(d => d.Seq));
        forgetUnits(); // before the next group, which may fill the era that some of them are in
        if (_decisions.Count == 0)
        {
            observations += RemoveObserved();
            UnitEras.Drop(connection);
        }
        Total = new(Total.Decisions + now.Count, Total.Observations + observations);
        if (noted is not null) ErasureNotes.Count(connection, noted.Id, Total);
        return _decisions.Count > 0;
    }

    private List<(long Seq, string Id)> Find()
    {
        var found = new List<(long, string)>();
        using var rows = new Statement(connection, EventLists.Numbered).BindText(4, EventLists.OfUnit(connection, order.UnitHash));
        while (rows.Step())
        {
            if ((EventRows.ReadDecision(rows, points, corrupt) is not { } record || order.IsOf(record.Unit)) && order.Takes(rows.Int64(3))) // a bad record with its hash goes too
            {
                found.Add((rows.Int64(0), new EventKey(rows.Bytes(1), rows.IsBlob(1)).ToString()));
                Newest = Math.Max(Newest, rows.Int64(3));
            }
        }
        return found;
    }

    private long RemoveObserved()
    {
        var found = new List<long>();
        using (var rows = new Statement(connection, $"SELECT {EventRows.Observation} FROM observations WHERE unit = ?1").Bind(0, order.UnitHash))
        {
            while (rows.Step())
            {
                var record = EventRows.ReadObservation(rows, corrupt);
                var received = record?.ReceivedAt.UtcTicks ?? rows.Int64(4);
                if ((record is { Unit: { } unit } && !order.IsOf(unit)) || !order.Takes(received)) continue;
                found.Add(rows.Int64(0));
                Newest = Math.Max(Newest, received);
            }
        }
        using var remove = new Statement(connection, "DELETE FROM observations WHERE seq = ?1");
        foreach (var seq in found) remove.Bind(0, seq).Run();
        return found.Count;
    }
}

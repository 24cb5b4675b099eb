using Looper.Core.Events.Sqlite;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Shipping;

/// <summary>Reads the journal in the order it was written, up to where it was counted: a stretch of decisions, then the observations that can go with them.</summary>
internal sealed class JournalScan : IDisposable
{
    private const int Stretch = 2_000;

    /// <summary>Of rows in a batch: the longest rankings have 60 KB each, and tens of thousands of them would be gigabytes.</summary>
    public const long MostBytes = 32L << 20;

    private readonly SqliteConnection _connection;
    private readonly CorruptRecords _corrupt;
    private readonly Statement _reach, _noted, _decisions, _observations;
    private readonly DecisionsAhead _ahead;
    private long _bytes; // in the batch

    public JournalScan(JournalOptions options, CorruptRecords corrupt)
    {
        _corrupt = corrupt;
        _connection = EventFile.OpenForReading(options);
        _reach = new(_connection, "SELECT decisions, observations FROM counted");
        _noted = new(_connection, "SELECT EXISTS (SELECT 1 FROM removals) OR EXISTS (SELECT 1 FROM erasures)");
        _decisions = new(_connection, $"SELECT {EventRows.Decision} FROM decisions WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3");
        _observations = new(_connection, $"SELECT {EventRows.Observation} FROM observations WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3");
        _ahead = new(_connection);
    }

    /// <summary>The last rows that are counted.</summary>
    public ShippedTo Reach()
    {
        _reach.Step();
        var reach = new ShippedTo(_reach.Int64(0), _reach.Int64(1));
        _reach.Reset();
        return reach;
    }

    /// <summary>Whether a decision point, what was simulated or a unit is being removed, or was until a crash or an outage cut that off: it goes on by itself.</summary>
    public bool HasNotedRemoval()
    {
        _noted.Step();
        var has = _noted.Int64(0) == 1;
        _noted.Reset();
        return has;
    }

    /// <summary>The next rows of both kinds; an observation never before the decision that it names, where that was there with it. Bad rows are told and left out.</summary>
    /// <param name="batch">Takes them; what was in it is gone.</param>
    /// <returns>Where to go on.</returns>
    public ShippedTo Read(ShippedTo at, ShippedTo end, int rows, EventBatch batch)
    {
        batch.Clear();
        _ahead.Clear();
        var points = PointTable.Read(_connection);
        _bytes = 0;
        for (var room = rows; room > 0 && _bytes < MostBytes && (at.Decisions < end.Decisions || at.Observations < end.Observations);)
        {
            if (at.Decisions < end.Decisions) at = at with { Decisions = ReadDecisions(at, end, points, batch, ref room) };
            if (at.Observations < end.Observations && room > 0 && _bytes < MostBytes) at = at with { Observations = ReadObservations(at, end, batch, ref room) };
        }
        return at;
    }

    public void Dispose()
    {
        _reach.Dispose();
        _noted.Dispose();
        _decisions.Dispose();
        _observations.Dispose();
        _ahead.Dispose();
        _connection.Dispose();
    }

    private long ReadDecisions(ShippedTo at, ShippedTo end, PointTable points, EventBatch batch, ref int room)
    {
        var observationsWait = at.Observations < end.Observations;
        var (most, read, last) = (observationsWait ? Math.Min(room, Stretch) : room, 0, at.Decisions);
        for (_decisions.Bind(0, last).Bind(1, end.Decisions).Bind(2, most); _bytes < MostBytes && _decisions.Step(); read++)
        {
            last = _decisions.Int64(0);
            _bytes += _decisions.Bytes(6).Length;
            if (!EventRows.TryReadDecision(_decisions, points, _corrupt, out var columns, out var body)) continue;
            batch.Add(columns, body, _decisions.Bytes(6));
            if (observationsWait) _ahead.Read(columns.Id);
        }
        room -= read;
        if (_bytes < MostBytes) return read == most ? last : end.Decisions;
        _decisions.Reset();
        return last;
    }

    // Up to the first that names a decision further on.
    private long ReadObservations(ShippedTo at, ShippedTo end, EventBatch batch, ref int room)
    {
        var (all, most, read, last) = (at.Decisions >= end.Decisions, room, 0, at.Observations);
        for (_observations.Bind(0, last).Bind(1, end.Observations).Bind(2, most); _bytes < MostBytes && _observations.Step(); read++)
        {
            var columns = EventRows.ObservationColumns(_observations);
            if (!all && _ahead.Holds(columns.Decision, at.Decisions))
            {
                _observations.Reset();
                room -= read;
                return last;
            }
            last = _observations.Int64(0);
            _bytes += _observations.Bytes(6).Length;
            if (EventRows.TryReadObserved(_observations, columns, _corrupt, out var observed)) batch.Add(columns, observed, _observations.Bytes(6));
        }
        room -= read;
        if (_bytes < MostBytes) return read == most ? last : end.Observations;
        _observations.Reset();
        return last;
    }
}

using Looper.Core.Events.Sqlite;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Shipping;

/// <summary>Reads the journal in the order it was written, decisions before observations, up to where it was counted.</summary>
internal sealed class JournalScan : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly CorruptRecords _corrupt;
    private readonly Statement _reach, _decisions, _observations;

    public JournalScan(JournalOptions options, CorruptRecords corrupt)
    {
        _corrupt = corrupt;
        _connection = EventFile.OpenForReading(options);
        _reach = new(_connection, "SELECT decisions, observations FROM counted");
        _decisions = new(_connection, $"SELECT {EventRows.Decision} FROM decisions WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3");
        _observations = new(_connection, $"SELECT {EventRows.Observation} FROM observations WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3");
    }

    /// <summary>The last rows that are counted.</summary>
    public ShippedTo Reach()
    {
        _reach.Step();
        var reach = new ShippedTo(_reach.Int64(0), _reach.Int64(1));
        _reach.Reset();
        return reach;
    }

    /// <summary>The next rows; an observation never before the decisions that were there with it. Bad rows are told and left out.</summary>
    /// <param name="batch">Takes them; what was in it is gone.</param>
    /// <returns>Where to go on.</returns>
    public ShippedTo Read(ShippedTo at, ShippedTo end, int rows, EventBatch batch)
    {
        batch.Clear();
        var points = PointTable.Read(_connection);
        var (read, last) = (0, at.Decisions);
        for (_decisions.Bind(0, at.Decisions).Bind(1, end.Decisions).Bind(2, rows); _decisions.Step(); read++)
        {
            last = _decisions.Int64(0);
            if (EventRows.TryReadDecision(_decisions, points, _corrupt, out var columns, out var body)) batch.Add(columns, body, _decisions.Bytes(6));
        }
        if (read == rows) return at with { Decisions = last };
        var next = at with { Decisions = Math.Max(at.Decisions, end.Decisions) };
        rows -= read;
        (read, last) = (0, at.Observations);
        for (_observations.Bind(0, at.Observations).Bind(1, end.Observations).Bind(2, rows); _observations.Step(); read++)
        {
            last = _observations.Int64(0);
            if (EventRows.TryReadObserved(_observations, _corrupt, out var observed)) batch.Add(EventRows.ObservationColumns(_observations), observed, _observations.Bytes(6));
        }
        return next with { Observations = read == rows ? last : Math.Max(at.Observations, end.Observations) };
    }

    public void Dispose()
    {
        _reach.Dispose();
        _decisions.Dispose();
        _observations.Dispose();
        _connection.Dispose();
    }
}

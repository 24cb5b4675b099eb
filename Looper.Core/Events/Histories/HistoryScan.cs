using System.Text;
using Looper.Core.Events.Records;
using Looper.Core.Events.Sqlite;
using Looper.Core.Serving.Histories;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Histories;

/// <summary>Reads the journal as it stood when this was made, for the reports that histories are made of: one pass over the observations, and a look-up
/// of the decision for each that names one and counts.</summary>
internal sealed class HistoryScan : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly CorruptRecords _corrupt;
    private readonly PointTable _points;
    private readonly Statement _decision;

    public delegate void Found(TrackedPoint point, ReadOnlySpan<byte> unit, in HistoryEvent report, long received);

    public HistoryScan(JournalOptions options, CorruptRecords corrupt)
    {
        _corrupt = corrupt;
        _connection = EventFile.OpenForReading(options);
        try
        {
            EventFile.Execute(_connection, "BEGIN");
            _points = PointTable.Read(_connection); // the first read of a transaction fixes what it sees
            _decision = new(_connection, $"SELECT {EventRows.Decision} FROM decisions WHERE id = ?1");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <param name="after">Reports of what happened up to these ticks are passed over.</param>
    /// <param name="delays">Ticks after its decision by which an imported report of an outcome was surely known: the file tells what came, and not when. None for those not named.</param>
    public void Run(IReadOnlyCollection<TrackedPoint> points, long after, Found found, IReadOnlyDictionary<ulong, long>? delays = null)
    {
        if (points.Count == 0) return;
        var byNumber = points.Where(p => _points.NumberOf(p.Id) is not null).ToDictionary(p => _points.NumberOf(p.Id)!.Value);
        using var rows = new Statement(_connection, $"SELECT {EventRows.Observation} FROM observations WHERE time > ?1").Bind(0, after);
        while (rows.Step())
        {
            if (!EventRows.TryReadObserved(rows, _corrupt, out var observed)) continue;
            var outcome = HistoryEvent.OutcomeOf(observed.Outcome);
            var report = new HistoryEvent(outcome, rows.Int64(4), observed.Value);
            var received = ((RecordMarks)rows.Int64(5) & RecordMarks.Imported) == 0 ? observed.ReceivedTicks : report.Ticks + (delays?.GetValueOrDefault(outcome) ?? 0);
            if (!observed.Unit.IsEmpty)
            {
                foreach (var point in points)
                {
                    if (point.Outcomes.Contains(outcome)) found(point, observed.Unit, report, received);
                }
                continue;
            }
            if (byNumber.Values.All(p => !p.Outcomes.Contains(outcome))) continue;
            if (DecisionOf(rows, byNumber, outcome) is { } named)
                found(named.Point, Encoding.UTF8.GetBytes(named.Unit), report, Math.Max(received, named.KnownAt));
        }
    }

    public void Dispose()
    {
        _decision.Dispose();
        _connection.Dispose();
    }

    // Nobody knows whose report it is before the decision is there, which is after it was made.
    private (TrackedPoint Point, string Unit, long KnownAt)? DecisionOf(Statement row, Dictionary<long, TrackedPoint> points, ulong outcome)
    {
        _decision.Bind(0, new EventKey(row.Bytes(2), row.IsBlob(2)));
        (TrackedPoint, string, long)? named = null;
        if (_decision.Step() && points.TryGetValue(_decision.Int64(2), out var point) && point.Outcomes.Contains(outcome)
            && EventRows.ReadDecision(_decision, _points, _corrupt) is { } record) named = (point, record.Unit, record.Time.UtcTicks + 1);
        _decision.Reset();
        return named;
    }
}

using System.Runtime.InteropServices;
using Looper.Core.Events.Histories;
using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Looper.Core.Events.Sqlite;

/// <summary>The one read-write connection to the events database: groups of appends, flushed or not, and checkpoints.
/// Used by the journal's writer thread alone; nothing is awaited between begin and commit.</summary>
internal sealed class EventLog : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly EventActivity _activity;
    private readonly HistoryFeed _histories;
    private readonly JournalWork? _work;
    private readonly CountTables _counts;
    private readonly PointTable _points;
    private readonly DecisionTable _decisions;
    private readonly ObservationTable _observations;
    private readonly Statement _addPoint, _begin, _commit;
    private readonly EventCounts _group = new(), _uncounted = new();
    private readonly List<long> _newPoints = [], _pointsOf = [];
    private (long Decisions, long Observations, long Awaited) _committed;
    private (Guid Point, long Number) _latest; // within one append

    /// <summary>Opens, and flushes what a recovery found before anyone is told of it.</summary>
    public EventLog(JournalOptions options, EventActivity activity, CorruptRecords corrupt, HistoryFeed histories, JournalWork? work = null)
    {
        (_activity, _histories, _work) = (activity, histories, work);
        _connection = EventFile.OpenForWriting(options);
        try
        {
            EventFile.Execute(_connection, "BEGIN IMMEDIATE; COMMIT"); // the log is open from here on
            Log = new(_connection);
            Checkpoint("TRUNCATE");
            Log.Run(); // the first flush also flushes the folder
            (_begin, _commit) = (new(_connection, "BEGIN IMMEDIATE"), new(_connection, "COMMIT"));
            _counts = new(_connection);
            _points = PointTable.Read(_connection);
            var (decisions, observations) = _counts.Reach();
            _decisions = new(_connection, _points, corrupt, decisions);
            _observations = new(_connection, corrupt, histories, observations);
            _addPoint = new(_connection, "INSERT INTO points VALUES (?1, ?2)");
            foreach (var (point, gain) in _counts.ReadActivity()) activity.Load(_points.IdOf(point), gain);
            EndGroup();
            CountAgain(decisions, observations, corrupt);
        }
        catch
        {
            Abandon();
            throw;
        }
    }

    public static string SqliteVersion => sqlite3_libversion().utf8_to_string();

    /// <summary>Pages written to the write-ahead log since it was last folded into the database.</summary>
    public int LogPages { get; private set; }

    /// <summary>Flushes what was committed.</summary>
    public LogFlush Log { get; }

    /// <summary>The group carries the counts.</summary>
    public bool IsBeating { get; private set; }

    public void Begin()
    {
        _histories.Begin();
        _begin.Run();
        _decisions.Begin();
    }

    /// <summary>Decisions, each answered for itself.</summary>
    public void Append(ReadOnlySpan<DecisionRecord> records, ReadOnlySpan<EncodedDecision> rows, Span<Appended> found)
    {
        _pointsOf.Clear();
        _latest = default;
        foreach (var record in records) _pointsOf.Add(NumberOf(record.DecisionPointId));
        var points = CollectionsMarshal.AsSpan(_pointsOf);
        _decisions.Append(records, rows, points, found);
        for (var i = 0; i < records.Length; i++)
        {
            if (found[i].Status != AppendStatus.Stored) continue;
            _group.Add(points[i], records[i].Time.UtcTicks, records[i].BlueprintVersion, records[i].Option, records[i].Reason);
            _work?.Wrote(records[i].DecisionPointId, rows[i].Bytes.Length, records[i].Marks.HasFlag(RecordMarks.Imported));
            if (_decisions.WasAwaited(rows[i].Id)) _observations.CountFor(records[i].Id, long.MaxValue, points[i], _group, records[i]);
        }
    }

    /// <summary>Of each call all observations, or none.</summary>
    public void Append(ObservationRecord[][] calls, ObservationRows rows, Appended[] found) => _observations.Append(calls, rows, found, _decisions, _points, _group);

    public EventRemoval Remove(NotedRemoval noted, CorruptRecords corrupt) => new(_connection, _points, _group, noted, corrupt, _decisions.ForgetUnits);

    public EventPurge Purge(PurgeOrder order, CorruptRecords corrupt) => new(_connection, _points, order, corrupt, fewer => _decisions.Awaited -= fewer);

    public UnitErasure Erase(RemovalOrder order, NotedErasure? noted, CorruptRecords corrupt) => new(_connection, _points, order, noted, corrupt, _decisions.ForgetUnits);

    public RefillNote NoteRefill() => new(_connection);

    public NoteBegin Note(NotedRemoval noted) => new(_connection, noted);

    public NoteEnd EndNoted(Guid id) => new(_connection, id);

    /// <summary>Writes the counts.</summary>
    public void Beat()
    {
        _counts.Add(_uncounted);
        _counts.Add(_group);
        _counts.Beat(_decisions.Last, _observations.Last);
        IsBeating = true;
    }

    public void Commit()
    {
        _commit.Run();
        _histories.Commit();
        sqlite3_db_status(_connection.Handle, SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 1);
        LogPages += pages;
        if (IsBeating) _uncounted.Clear();
        else _uncounted.Add(_group);
        foreach (var (point, gain) in _group.Points)
        {
            _activity.Add(_points.IdOf(point), gain);
            _work?.Counted(_points.IdOf(point), gain);
        }
        EndGroup();
    }

    /// <summary>Forgets the group, whatever state the failure has left the transaction in.</summary>
    public void Rollback()
    {
        _histories.Rollback();
        _work?.Forget();
        if (sqlite3_get_autocommit(_connection.Handle) == 0) EventFile.Execute(_connection, "ROLLBACK");
        foreach (var point in _newPoints) _points.Remove(point);
        (_decisions.Last, _observations.Last, _decisions.Awaited) = _committed;
        _decisions.ForgetUnits();
        _newPoints.Clear();
        _group.Clear();
        IsBeating = false;
    }

    /// <summary>Folds the log into the database, as far as readers allow.</summary>
    /// <param name="mode"><c>PASSIVE</c> waits for nobody; <c>TRUNCATE</c> waits for readers and empties the log.</param>
    /// <returns>False where a reader kept it from ending.</returns>
    public bool Checkpoint(string mode)
    {
        var isDone = false;
        Log.Alone(() => isDone = Fold(mode));
        return isDone;
    }

    /// <summary>Folds all of the log and empties it, without waiting for a reader: appends would wait as long.</summary>
    /// <returns>False where a reader kept it from ending.</returns>
    public bool EmptyLog()
    {
        EventFile.Execute(_connection, "PRAGMA busy_timeout = 0");
        try
        {
            return Checkpoint("TRUNCATE");
        }
        finally
        {
            EventFile.Execute(_connection, $"PRAGMA busy_timeout = {EventFile.BusyTimeout}");
        }
    }

    private bool Fold(string mode)
    {
        using var checkpoint = new Statement(_connection, $"PRAGMA wal_checkpoint({mode})");
        checkpoint.Step();
        var isDone = checkpoint.Int64(0) == 0;
        LogPages = checkpoint.Int64(1) < 0 ? 0 : (int)(checkpoint.Int64(1) - checkpoint.Int64(2));
        checkpoint.Reset();
        return isDone;
    }

    /// <summary>Gives pages that a removal has freed back to the file system; true while there are more.</summary>
    public bool Shrink(int pages)
    {
        using (var vacuum = new Statement(_connection, $"PRAGMA incremental_vacuum({pages})")) vacuum.Run(); // a page a step
        sqlite3_db_status(_connection.Handle, SQLITE_DBSTATUS_CACHE_WRITE, out var written, out _, 1);
        LogPages += written;
        return EventFile.Scalar(_connection, "PRAGMA freelist_count") > 0;
    }

    public void Forget(Guid decisionPointId)
    {
        if (_points.NumberOf(decisionPointId) is not { } point) return;
        foreach (var counts in (ReadOnlySpan<EventCounts>)[_group, _uncounted]) counts.Forget(point);
        _counts.Forget(point);
        _decisions.ForgetUnits();
        _activity.Forget(decisionPointId);
    }

    /// <summary>Closes without folding the log: after a failed flush nothing more may be written.</summary>
    public void Abandon()
    {
        if (_connection.Handle is { } handle) _ = sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);
        Dispose();
    }

    public void Dispose()
    {
        _counts?.Dispose();
        _decisions?.Dispose();
        _observations?.Dispose();
        foreach (var statement in (ReadOnlySpan<Statement?>)[_addPoint, _begin, _commit]) statement?.Dispose();
        _connection.Dispose();
    }

    // nearly always that of the record before
    private long NumberOf(Guid point)
    {
        if (_latest.Point != point || point == default) _latest = (point, _points.NumberOf(point) ?? AddPoint(point));
        return _latest.Number;
    }

    private long AddPoint(Guid id)
    {
        var number = _points.Next;
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        _addPoint.Bind(0, number).Bind(1, bytes).Run();
        _points.Add(number, id);
        _newPoints.Add(number);
        return number;
    }

    private void EndGroup()
    {
        _committed = (_decisions.Last, _observations.Last, _decisions.Awaited);
        _newPoints.Clear();
        _group.Clear();
        IsBeating = false;
    }

    // A crash leaves the counts up to a second behind the rows: count those again. An observation from before the reach whose
    // decision came after it was not counted then, so it is now; one after the reach finds its decision by itself.
    private void CountAgain(long decisionReach, long observationReach, CorruptRecords corrupt)
    {
        if (_decisions.Last == decisionReach && _observations.Last == observationReach) return;
        Begin();
        using (var rows = new Statement(_connection, $"SELECT {EventRows.Decision} FROM decisions WHERE seq > ?1"))
        {
            rows.Bind(0, decisionReach);
            while (rows.Step())
            {
                if (EventRows.ReadDecision(rows, _points, corrupt) is not { } record) continue;
                _group.Add(rows.Int64(2), record.Time.UtcTicks, record.BlueprintVersion, record.Option, record.Reason);
                _observations.CountFor(record.Id, observationReach, rows.Int64(2), _group);
            }
        }
        using (var rows = new Statement(_connection, $"SELECT {EventRows.Observation} FROM observations WHERE seq > ?1"))
        {
            rows.Bind(0, observationReach);
            while (rows.Step())
            {
                if (EventRows.ReadObservation(rows, corrupt) is { } record) _observations.Count(record, _decisions, _group);
            }
        }
        Beat();
        Commit();
        Log.Run();
    }
}

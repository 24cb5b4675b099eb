using Looper.Core.Events.Histories;
using Looper.Core.Events.Records;
using Looper.Core.Serving.Candidates;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Writes observations inside the writer's transaction, and counts them for the points they belong to.</summary>
internal sealed class ObservationTable : IDisposable
{
    /// <summary>Rows whose id is unique over all observations: all but those derived from a content that names a decision.</summary>
    public const string UniqueOverAll = "decision IS NULL OR typeof(id) = 'text' OR length(id) = 16";

    private const int LotRows = 16;

    private readonly SqliteConnection _connection;
    private readonly CorruptRecords _corrupt;
    private readonly HistoryFeed _histories;
    private readonly ObservationInsert _insert, _insertLot;
    private readonly Statement _find, _findOfDecision, _delete, _deleteAfter, _await, _ofDecision;
    private readonly byte[] _decisionKey = new byte[EventKey.MaxBytes];
    private readonly List<bool> _stored = [];
    private string? _countedDecision;
    private long? _countedPoint;

    public ObservationTable(SqliteConnection connection, CorruptRecords corrupt, HistoryFeed histories, long reach)
    {
        (_connection, _corrupt, _histories) = (connection, corrupt, histories);
        (_insert, _insertLot) = (new(connection, 1), new(connection, LotRows));
        _find = new(connection, $"SELECT {EventRows.Observation} FROM observations WHERE id = ?1 AND ({UniqueOverAll})");
        _findOfDecision = new(connection, $"SELECT {EventRows.Observation} FROM observations WHERE id = ?1 AND decision = ?2");
        _delete = new(connection, "DELETE FROM observations WHERE seq = ?1");
        _deleteAfter = new(connection, "DELETE FROM observations WHERE seq > ?1");
        _await = new(connection, "INSERT INTO unmatched VALUES (?1) ON CONFLICT DO NOTHING");
        _ofDecision = new(connection, $"SELECT {EventRows.Observation} FROM observations WHERE decision = ?1 AND seq <= ?2");
        Last = Math.Max(reach, EventFile.Scalar(connection, "SELECT max(seq) FROM observations"));
    }

    /// <inheritdoc cref="DecisionTable.Last"/>
    public long Last { get; set; }

    /// <summary>Of each call all observations or none: stored, replayed when each was there, conflict when one is there with other content,
    /// foreign when its sender may report on the decisions of some points only and one names another decision or none that is there, no such candidate when one names a candidate that its decision did
    /// not answer with.</summary>
    /// <param name="rows">Those of all calls, one after the other.</param>
    /// <param name="found">An answer a call.</param>
    public void Append(ObservationRecord[][] calls, ObservationRows rows, Appended[] found, DecisionTable decisions, PointTable points, EventCounts counts)
    {
        var areIn = rows.Count >= LotRows && !Array.Exists(calls, MayBeRefused) && InsertAll(rows);
        var from = 0;
        for (var i = 0; i < calls.Length; from += calls[i++].Length)
        {
            found[i] = new(areIn ? AppendStatus.Stored : AppendOne(calls[i], rows, from, decisions, points, counts));
            if (!areIn) continue;
            _countedDecision = null;
            for (var j = 0; j < calls[i].Length; j++) Stored(calls[i][j], rows.Columns(from + j).Decision, decisions, counts);
        }
    }

    private static bool MayBeRefused(ObservationRecord[] call) => Array.Exists(call, r => r.MayConcern is not null || AsksForCandidate(r));

    private static bool AsksForCandidate(ObservationRecord record) => record.Candidate is not null && !record.ComesBack;

    // Nearly always everything is new. Where not, nothing of it stays, and the calls are looked at one by one.
    private bool InsertAll(ObservationRows rows)
    {
        var before = Last;
        for (var i = 0; i < rows.Count;)
        {
            var insert = rows.Count - i >= LotRows ? _insertLot : _insert;
            if (!insert.Run(rows, i, Last + 1))
            {
                _deleteAfter.Bind(0, before).Run();
                Last = before;
                return false;
            }
            Last += insert.Count;
            i += insert.Count;
        }
        return true;
    }

    private AppendStatus AppendOne(ObservationRecord[] call, ObservationRows rows, int from, DecisionTable decisions, PointTable points, EventCounts counts)
    {
        for (var i = 0; i < call.Length; i++)
        {
            if (IsForeign(call[i], rows.Columns(from + i).Decision, decisions, points)) return AppendStatus.Foreign;
        }
        if (Array.Exists(call, AsksForCandidate) && NamesNoCandidate(call, rows, from, decisions)) return AppendStatus.NoSuchCandidate;
        var before = Last;
        _countedDecision = null; // outcomes of one call mostly name one decision: looked up once
        _stored.Clear();
        for (var i = 0; i < call.Length; i++)
        {
            var status = AppendRow(rows, from + i, call[i].RequestHash);
            if (status == AppendStatus.Conflict)
            {
                if (Last > before) _deleteAfter.Bind(0, before).Run();
                return AppendStatus.Conflict;
            }
            _stored.Add(status == AppendStatus.Stored);
        }
        for (var i = 0; i < call.Length; i++)
        {
            if (_stored[i]) Stored(call[i], rows.Columns(from + i).Decision, decisions, counts);
        }
        return Last > before || call.Length == 0 ? AppendStatus.Stored : AppendStatus.Replayed;
    }

    private void Stored(ObservationRecord record, in EventKey decision, DecisionTable decisions, EventCounts counts)
    {
        Count(record, decision, decisions, counts);
        if (_histories.Takes(record)) _histories.Stored(record, decision.Bytes.IsEmpty ? null : decisions.Find(decision));
    }

    public void Count(ObservationRecord record, DecisionTable decisions, EventCounts counts) =>
        Count(record, record.DecisionId is null ? default : EventKey.Of(record.DecisionId, _decisionKey), decisions, counts);

    private void Count(ObservationRecord record, in EventKey decision, DecisionTable decisions, EventCounts counts)
    {
        if (record.DecisionId is { } decisionId)
        {
            if (decisionId != _countedDecision) (_countedDecision, _countedPoint) = (decisionId, decisions.PointOf(decision));
            if (_countedPoint is { } point)
            {
                counts.Add(point, record.ReceivedAt.UtcTicks, record.Outcome, record.Value);
                return;
            }
            _await.Bind(0, decision).Run();
            decisions.Awaited += _connection.Changes();
            return;
        }
        foreach (var one in decisions.PointsOf(UnitHash.Of(record.Unit!))) counts.Add(one, record.ReceivedAt.UtcTicks, record.Outcome, record.Value);
    }

    /// <summary>Counts the observations that name this decision, up to a row.</summary>
    /// <param name="decision">Where it has just come: then they enter its unit's history too.</param>
    public void CountFor(string decisionId, long upTo, long point, EventCounts counts, DecisionRecord? decision = null)
    {
        _ofDecision.Bind(0, EventKey.Of(decisionId, _decisionKey)).Bind(1, upTo);
        while (_ofDecision.Step())
        {
            if (EventRows.ReadObservation(_ofDecision, _corrupt) is not { } record) continue;
            counts.Add(point, record.ReceivedAt.UtcTicks, record.Outcome, record.Value);
            if (decision is not null && _histories.Takes(record)) _histories.Stored(record, decision);
        }
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<IDisposable>)[_insert, _insertLot, _find, _findOfDecision, _delete, _deleteAfter, _await, _ofDecision]) statement.Dispose();
    }

    // One that is not there yet may become anybody's.
    private static bool IsForeign(ObservationRecord record, in EventKey decision, DecisionTable decisions, PointTable points) =>
        record.MayConcern is { } allowed && !decision.Bytes.IsEmpty && !(decisions.PointOf(decision) is { } point && allowed.Contains(points.IdOf(point)));

    // Only where a candidate is named, so that all others cost no look at the decision. One that comes before its decision cannot be told.
    private static bool NamesNoCandidate(ObservationRecord[] call, ObservationRows rows, int from, DecisionTable decisions)
    {
        string? looked = null;
        DecisionRecord? decision = null;
        for (var i = 0; i < call.Length; i++)
        {
            if (!AsksForCandidate(call[i]) || call[i].Candidate is not { } candidate || call[i].DecisionId is not { } id) continue;
            if (id != looked) (looked, decision) = (id, decisions.Find(rows.Columns(from + i).Decision));
            if (decision is not null && ServedCandidates.Read(decision.Candidates)?.Answered(candidate) is not true) return true;
        }
        return false;
    }

    private AppendStatus AppendRow(ObservationRows rows, int index, ulong requestHash)
    {
        if (!_insert.Run(rows, index, Last + 1))
        {
            if (FindHash(rows.Columns(index), out var seq) is { } hash) return hash == requestHash ? AppendStatus.Replayed : AppendStatus.Conflict;
            _delete.Bind(0, seq).Run(); // unreadable, and reported: the new one takes its place
            if (!_insert.Run(rows, index, Last + 1)) throw new InvalidOperationException($"Row {Last + 1} of the observations cannot be written.");
        }
        Last++;
        return AppendStatus.Stored;
    }

    private ulong? FindHash(in ObservationColumns columns, out long seq)
    {
        var find = columns.Id.IsDerived && !columns.Decision.Bytes.IsEmpty ? _findOfDecision : _find;
        find.Bind(0, columns.Id);
        if (find == _findOfDecision) find.Bind(1, columns.Decision);
        seq = find.Step() ? find.Int64(0) : 0;
        ulong? hash = seq > 0 && EventRows.TryReadObserved(find, _corrupt, out var observed) ? observed.RequestHash : null;
        find.Reset();
        return hash;
    }
}

using System.Collections.Immutable;
using System.Text;
using Looper.Core.Events.Records;
using Looper.Core.Serving;
using Looper.Core.Serving.Histories;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Histories;

/// <summary>
/// Keeps <see cref="UnitHistories"/> in step with the journal: what it held is read when a decision point begins to ask for it, what comes is added by the writer
/// after the commit and before anyone is answered. The writer holds the gate for the length of a group, and a reading takes its snapshot of the database inside
/// the gate: so each report is read or added, and never both.
/// </summary>
public sealed class HistoryFeed
{
    private readonly JournalOptions _options;
    private readonly CorruptRecords _corrupt;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new(), _follow = new();
    private readonly List<(TrackedPoint Point, byte[] Unit, HistoryEvent Report, long Received)> _group = [];
    private ImmutableArray<(Guid Id, ImmutableDictionary<string, TimeSpan> Windows)> _wanted = [];
    private Task _reading = Task.CompletedTask;
    private bool _isReading; // until it has seen, with the gate held, that nothing is left to read: the task ends a moment later, and would not see what is asked for then

    internal HistoryFeed(JournalOptions options, CorruptRecords corrupt, LooperMeter meter, TimeProvider clock)
    {
        (_options, _corrupt, _clock, Units) = (options, corrupt, clock, new(options.HistoryBytes));
        HistoryMeter.Observe(meter, Units);
    }

    public UnitHistories Units { get; }

    /// <summary>Why the journal could not be read for them last; null when all is well.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>All that serves has been read, once at least: before that features that look back are missing.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Ends when what was asked for so far has been read.</summary>
    public Task Settled
    {
        get
        {
            lock (_follow) return _reading;
        }
    }

    /// <summary>Keeps what these decision points ask for, and reads what is not kept yet. Returns at once.</summary>
    public void Follow(ServingSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        lock (_follow)
        {
            _wanted = [.. snapshot.Points.Where(p => !p.Histories.IsEmpty).Select(p => (p.Id, p.Histories))];
            if (!_isReading && IsBehind()) Read();
            else if (!_isReading) HasBegun = true;
        }
    }

    /// <summary>Reads everything anew, after events were removed.</summary>
    internal void ReadAgain()
    {
        lock (_follow)
        {
            lock (_gate)
            {
                foreach (var point in Units.Points) Units.Untrack(point.Id);
                _group.Clear();
            }
            if (!_isReading && IsBehind()) Read();
        }
    }

    internal void Erase(string unit)
    {
        lock (_gate) Units.Erase(Encoding.UTF8.GetBytes(unit));
    }

    /// <summary>By the writer: a group begins.</summary>
    internal void Begin()
    {
        _gate.Enter();
        _group.Clear();
    }

    /// <summary>Some decision point keeps its outcome, so it is worth looking for the decision it names.</summary>
    internal bool Takes(ObservationRecord record) => !Units.IsEmpty && HistoryEvent.OutcomeOf(record.Outcome) is var outcome && Units.Points.Any(p => p.Outcomes.Contains(outcome));

    /// <summary>By the writer, inside a group: an observation was stored.</summary>
    /// <param name="decision">The decision it names, where it is there.</param>
    internal void Stored(ObservationRecord record, DecisionRecord? decision)
    {
        var outcome = HistoryEvent.OutcomeOf(record.Outcome);
        if (record.Unit is { } unit)
        {
            foreach (var point in Units.Points) Note(point, unit, outcome, record);
        }
        else if (decision is { } named && Units.Find(named.DecisionPointId) is { } point)
        {
            Note(point, named.Unit, outcome, record);
        }
    }

    /// <summary>By the writer: the group is committed.</summary>
    internal void Commit()
    {
        foreach (var (point, unit, report, received) in _group) Units.Add(point, unit, report, received);
        End();
    }

    /// <summary>By the writer: the group came to nothing, or there was none.</summary>
    internal void Rollback() => End();

    private void End()
    {
        _group.Clear();
        if (_gate.IsHeldByCurrentThread) _gate.Exit();
    }

    private void Note(TrackedPoint point, string unit, ulong outcome, ObservationRecord record)
    {
        if (point.Outcomes.Contains(outcome)) _group.Add((point, Encoding.UTF8.GetBytes(unit), new(outcome, record.Time.UtcTicks, record.Value), record.ReceivedAt.UtcTicks));
    }

    private bool IsBehind() => Units.Points.Any(p => _wanted.All(w => w.Id != p.Id)) || _wanted.Any(w => Units.Find(w.Id) is not { IsComplete: true } point || !point.Covers(w.Windows));

    // Within the gate of those who follow.
    private void Read() => (_isReading, _reading) = (true, Task.Run(CatchUp));

    private void CatchUp()
    {
        var ended = false;
        try
        {
            while (true)
            {
                ImmutableArray<(Guid Id, ImmutableDictionary<string, TimeSpan> Windows)> wanted;
                lock (_follow)
                {
                    if (!IsBehind())
                    {
                        (HasBegun, Fault, _isReading, ended) = (true, null, false, true);
                        return;
                    }
                    wanted = _wanted;
                }
                Read(wanted);
            }
        }
        catch (Exception fault) when (fault is SqliteException or IOException)
        {
            Fault = fault; // whoever follows next tries again
        }
        finally
        {
            if (!ended)
            {
                lock (_follow) _isReading = false;
            }
        }
    }

    private void Read(ImmutableArray<(Guid Id, ImmutableDictionary<string, TimeSpan> Windows)> wanted)
    {
        var begun = new List<TrackedPoint>();
        HistoryScan scan;
        lock (_gate)
        {
            scan = new(_options, _corrupt); // from here on its snapshot stands
            foreach (var gone in Units.Points.Where(p => wanted.All(w => w.Id != p.Id)).ToList()) Units.Untrack(gone.Id);
            foreach (var (id, windows) in wanted)
            {
                if (Units.Find(id) is { IsComplete: true } kept && kept.Covers(windows)) continue;
                begun.Add(Units.Track(id, windows));
            }
        }
        using (scan)
        {
            var now = _clock.GetUtcNow().UtcTicks;
            scan.Run(begun, now - begun.Select(p => p.Longest).DefaultIfEmpty().Max(), (TrackedPoint point, ReadOnlySpan<byte> unit, in HistoryEvent report, long _) => Units.Add(point, unit, report, now));
        }
        foreach (var point in begun) point.IsComplete = true;
    }
}

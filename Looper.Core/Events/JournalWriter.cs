using System.Runtime.InteropServices;
using Looper.Core.Events.Histories;
using Looper.Core.Events.Sqlite;
using Looper.Core.Metering;
using Microsoft.Extensions.Logging;

namespace Looper.Core.Events;

/// <summary>The thread that owns the database: takes what waits, commits it as a group, and answers, or leaves that to the flush; between groups it
/// writes the counts, ends the folding of the log and removes what it was asked to. Times are monotonic.</summary>
internal sealed class JournalWriter : IAsyncDisposable
{
    // Below this many senders at once a commit is not worth waiting for company.
    private const int FewRecords = 8;

    // A commit is dearer than the rows in it.
    private static readonly TimeSpan s_company = TimeSpan.FromMilliseconds(1);

    private readonly JournalOptions _options;
    private readonly AppendLine _line;
    private readonly JournalLife _life;
    private readonly JournalMeter _meter;
    private readonly TimeProvider _clock;
    private readonly EventLog _events;
    private readonly JournalWork _work;
    private readonly JournalFlush _flush;
    private readonly LogFold _fold;
    private readonly EventUpkeep _upkeep;
    private readonly JournalGroup _group;
    private readonly GroupAnswers _answers = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Append> _toFlush = [], _toAnswer = [], _refused = [];
    private int _busiest;
    private long _beatSince; // 0 when nothing waits for a heartbeat
    private long _commits, _records;

    public JournalWriter(JournalOptions options, AppendLine line, EventActivity activity, CorruptRecords corrupt, JournalMeter meter, HistoryFeed histories, WorkMeter work, TimeProvider clock, ILogger log)
    {
        (_options, _line, _meter, _clock, _life) = (options, line, meter, clock, new(options.RetryAfter, clock, log));
        _group = new(line, options.GroupRecords);
        _work = new(work);
        _events = new(options, activity, corrupt, histories, _work);
        try
        {
            _fold = new(options, line.Wake);
        }
        catch
        {
            _events.Abandon();
            throw;
        }
        _upkeep = new(_events, _fold, options, clock);
        _flush = new(_events.Log, options.GroupWait, clock, Tell, line.Wake);
        _flush.Start();
        JournalEvents.Opened(log, options.Path, EventLog.SqliteVersion);
        new Thread(Run) { IsBackground = true, Name = "journal" }.Start();
    }

    public Task FlushFailed => _life.FlushFailed;

    public JournalCondition Describe(CorruptRecords corrupt) => new(
        _life.State, _life.Reason, _line.Records, _options.Capacity,
        _flush.UnflushedAge,
        _events.LogPages * 4_096L, corrupt.Count, Volatile.Read(ref _commits), _flush.Flushes, Volatile.Read(ref _records));

    public Task<Removed> RemoveAsync(Func<EventLog, IRemoval> what, bool emptiesLog, Action? removed, CancellationToken cancel)
    {
        var answer = _upkeep.AskAsync(what, emptiesLog, removed, cancel);
        if (_ended.Task.IsCompleted) _upkeep.RefuseAll();
        _line.Wake();
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        _line.Close();
        await _ended.Task;
    }

    private bool BeatIsDue => _beatSince != 0 && _clock.GetElapsedTime(_beatSince) >= _options.FlushWithin * 0.75;

    private void Run()
    {
        _work.Begin();
        while (!_life.IsOver)
        {
            _group.Take(Patience(), _busiest >= FewRecords ? Math.Min(_options.GroupRecords, _busiest * 9 / 10) : 1, s_company);
            if (!_group.HasMore && _line.IsClosed) break;
            WriteTaken();
            KeepHouse();
            _work.Rest();
        }
        Close();
    }

    private TimeSpan Patience() =>
        !_life.MayWrite ? _options.RetryAfter // the upkeep waits too
        : _upkeep.HasWork ? TimeSpan.Zero
        : _beatSince != 0 ? _options.FlushWithin * 0.2
        : TimeSpan.FromSeconds(10);

    private void WriteTaken()
    {
        if (!_group.HasMore) return;
        var records = 0;
        while (_group.HasMore)
        {
            if (_life.MayWrite && WriteGroup()) records += _group.Records;
            else RefuseRest();
        }
        _records += records;
        _busiest = Math.Max(records, _busiest - (_busiest / 4) - 1);
    }

    private bool WriteGroup()
    {
        try
        {
            var started = _clock.GetTimestamp();
            _events.Begin();
            _group.Write(_events);
            if (BeatIsDue) _events.Beat();
            Commit(_group.Written);
            _group.Committed();
            _meter.Committed(_clock.GetElapsedTime(started), _group.Records);
            return true;
        }
        catch (Exception fault)
        {
            _life.Failed(fault, _events);
            return false;
        }
    }

    private void RefuseRest()
    {
        _refused.Clear();
        _group.Abandon(_refused);
        Tell(_refused, stored: false);
    }

    // A replay is confirmed after a flush too where it needs one: what it repeats may have been written by a process that was killed.
    private void Commit(ReadOnlySpan<Append> group)
    {
        var beats = _events.IsBeating;
        _events.Commit();
        _work.End();
        if (_life.Succeeded()) _fold.ForgetFault();
        _commits++;
        var records = 0;
        foreach (var append in group)
        {
            (append.NeedsFlush ? _toFlush : _toAnswer).Add(append);
            if (append.NeedsFlush) records += append.Records;
        }
        _flush.Committed(_toFlush, records, beats);
        Tell(CollectionsMarshal.AsSpan(_toAnswer), stored: true);
        _toFlush.Clear();
        _toAnswer.Clear();
        if (beats) _beatSince = 0;
        else if (_beatSince == 0) _beatSince = _clock.GetTimestamp();
    }

    private void Tell(List<Append> group, bool stored) => Tell(CollectionsMarshal.AsSpan(group), stored);

    private void Tell(ReadOnlySpan<Append> group, bool stored)
    {
        _line.Leave(group);
        _answers.Give(group, stored);
    }

    private void KeepHouse()
    {
        try
        {
            if (_flush.Fault is { } failed) throw failed;
            if (_life.MayWrite && (BeatIsDue || _life.State == JournalState.CannotWrite)) Beat();
            if (_life.MayWrite) _upkeep.Step();
        }
        catch (Exception fault)
        {
            _life.Failed(fault, _events);
            _upkeep.RefuseAll();
        }
    }

    private void Beat()
    {
        _events.Begin();
        _events.Beat();
        Commit([]);
    }

    // A graceful end leaves one file. After a failure nothing more is written: the next start recovers what was flushed.
    private void Close()
    {
        Try(() =>
        {
            if (_beatSince != 0) Beat();
        });
        _flush.Close();
        _fold.Dispose();
        Try(() =>
        {
            if (_flush.Fault is { } failed) throw failed;
            _fold.TakeEnd();
            _events.Checkpoint("TRUNCATE");
        });
        _line.Close();
        for (_group.Take(TimeSpan.Zero, 1, TimeSpan.Zero); _group.HasMore; _group.Take(TimeSpan.Zero, 1, TimeSpan.Zero)) RefuseRest();
        if (_life.State == JournalState.Writing) _events.Dispose();
        else _events.Abandon();
        _life.Closed();
        _ended.SetResult();
        _upkeep.RefuseAll();
    }

    private void Try(Action work)
    {
        if (_life.IsOver || !_life.MayWrite) return;
        try
        {
            work();
        }
        catch (Exception fault)
        {
            _life.Failed(fault, _events);
        }
    }
}

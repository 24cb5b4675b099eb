using Looper.Core.Events.Sqlite;
using Microsoft.Extensions.Logging;

namespace Looper.Core.Events;

/// <summary>The thread that owns the database: takes what waits, commits it as a group, answers; between groups it flushes, folds the
/// log and removes what it was asked to. Times are monotonic.</summary>
internal sealed class JournalWriter : IAsyncDisposable
{
    // Below this many senders at once a flush is not worth waiting for company.
    private const int FewRecords = 8;

    // A commit that is not flushed is still dearer than the rows in it.
    private static readonly TimeSpan s_shortWait = TimeSpan.FromMilliseconds(1);

    private readonly JournalOptions _options;
    private readonly AppendLine _line;
    private readonly JournalLife _life;
    private readonly JournalMeter _meter;
    private readonly TimeProvider _clock;
    private readonly EventLog _events;
    private readonly EventUpkeep _upkeep;
    private readonly GroupAnswers _answers = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<Append> _taken = [];
    private int _busiest;
    private bool _flushedLast;
    private long _beatSince, _unflushedSince; // 0 when nothing waits for a heartbeat, for a flush
    private long _commits, _flushes, _records;

    public JournalWriter(JournalOptions options, AppendLine line, EventActivity activity, CorruptRecords corrupt, JournalMeter meter, TimeProvider clock, ILogger log)
    {
        (_options, _line, _meter, _clock, _life) = (options, line, meter, clock, new(options.RetryAfter, clock, log));
        _events = new(options, activity, corrupt);
        _upkeep = new(_events, options.CheckpointPages);
        JournalEvents.Opened(log, options.Path, EventLog.SqliteVersion);
        new Thread(Run) { IsBackground = true, Name = "journal" }.Start();
    }

    public Task FlushFailed => _life.FlushFailed;

    public JournalCondition Describe(CorruptRecords corrupt) => new(
        _life.State, _life.Reason, _line.Records, _options.Capacity,
        Volatile.Read(ref _unflushedSince) is var since and not 0 ? _clock.GetElapsedTime(since) : TimeSpan.Zero,
        _events.LogPages * 4_096L, corrupt.Count, Volatile.Read(ref _commits), Volatile.Read(ref _flushes), Volatile.Read(ref _records));

    public Task<Removed> RemoveAsync(Func<EventLog, IRemoval> what, bool emptiesLog, CancellationToken cancel)
    {
        var answer = _upkeep.AskAsync(what, emptiesLog, cancel);
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
        while (!_life.IsOver)
        {
            _line.Take(ref _taken, Patience(), _busiest >= FewRecords ? Math.Min(_options.GroupRecords, _busiest * 9 / 10) : 1, _flushedLast ? _options.GroupWait : s_shortWait);
            if (_taken.Count == 0 && _line.IsClosed) break;
            WriteTaken();
            KeepHouse();
        }
        Close();
    }

    private TimeSpan Patience() =>
        _upkeep.HasWork ? TimeSpan.Zero
        : !_life.MayWrite ? _options.RetryAfter
        : _beatSince != 0 ? _options.FlushWithin * 0.2
        : TimeSpan.FromSeconds(10);

    private void WriteTaken()
    {
        for (var from = 0; from < _taken.Count;)
        {
            int to = from, records = 0;
            while (to < _taken.Count && (to == from || records + _taken[to].Records <= _options.GroupRecords)) records += _taken[to++].Records;
            var group = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_taken)[from..to];
            var stored = _life.MayWrite && WriteGroup(group, records);
            _answers.Give(group, stored);
            if (stored) _records += records;
            _line.Answered(records);
            _busiest = Math.Max(records, _busiest - (_busiest / 4) - 1);
            from = to;
        }
        _taken.Clear();
    }

    private bool WriteGroup(ReadOnlySpan<Append> group, int records)
    {
        var flush = BeatIsDue;
        foreach (var append in group) flush |= append.NeedsFlush;
        try
        {
            var started = _clock.GetTimestamp();
            _events.Begin(flush);
            foreach (var append in group) append.Write(_events);
            // A replay is confirmed only once flushed, and a commit without a change flushes nothing: the heartbeat is the change.
            if (BeatIsDue || (flush && !_events.HasWritten)) _events.Beat();
            Commit(flush);
            _meter.Committed(_clock.GetElapsedTime(started), records);
            return true;
        }
        catch (Exception fault)
        {
            _life.Failed(fault, _events);
            return false;
        }
    }

    private void Commit(bool flush)
    {
        var beat = _events.IsBeating;
        _events.Commit();
        _life.Succeeded();
        _flushedLast = flush;
        _commits++;
        if (flush) _flushes++;
        var now = _clock.GetTimestamp();
        if (beat) _beatSince = 0;
        else if (_beatSince == 0) _beatSince = now;
        if (flush) Volatile.Write(ref _unflushedSince, 0);
        else if (_unflushedSince == 0) Volatile.Write(ref _unflushedSince, now);
    }

    private void KeepHouse()
    {
        try
        {
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
        _events.Begin(flush: true);
        _events.Beat();
        Commit(flush: true);
    }

    // A graceful end leaves one file. After a failure nothing more is written: the next start recovers what was flushed.
    private void Close()
    {
        try
        {
            if (!_life.IsOver && _life.MayWrite)
            {
                if (_beatSince != 0) Beat();
                _events.Checkpoint("TRUNCATE");
            }
        }
        catch (Exception fault)
        {
            _life.Failed(fault, _events);
        }
        _line.Close();
        _line.Take(ref _taken, TimeSpan.Zero, 1, TimeSpan.Zero);
        _answers.Give(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_taken), stored: false);
        if (_life.State == JournalState.Writing) _events.Dispose();
        else _events.Abandon();
        _life.Closed();
        _ended.SetResult();
        _upkeep.RefuseAll();
    }
}

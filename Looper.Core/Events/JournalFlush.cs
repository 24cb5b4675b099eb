using Looper.Core.Events.Sqlite;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events;

/// <summary>Flushes what was committed, on a thread of its own, and then answers those who asked for it: the writer goes on with the next group
/// meanwhile, and whoever needs no flush waits for none.</summary>
/// <param name="answer">Called on this thread, with whether it is on disk.</param>
/// <param name="failed">Called once, on this thread, when a flush has failed: nothing is flushed any more.</param>
internal sealed class JournalFlush(LogFlush log, TimeSpan company, TimeProvider clock, Action<List<Append>, bool> answer, Action failed)
{
    // Below this many records at once a flush does not wait for more.
    private const int FewRecords = 8;

    private readonly object _gate = new();
    private List<Append> _waiting = [], _taken = [];
    private Thread? _thread;
    private int _records, _busiest;
    private bool _asked, _closed, _isOver;
    private long _since, _underWaySince; // of the oldest commit that no flush has taken; that the one under way has
    private long _flushes;

    public long Flushes => Volatile.Read(ref _flushes);

    /// <summary>What the failed flush said.</summary>
    public SqliteException? Fault { get; private set; }

    /// <summary>Age of the oldest commit that is not on disk for certain.</summary>
    public TimeSpan UnflushedAge
    {
        get
        {
            lock (_gate) return (_underWaySince != 0 ? _underWaySince : _since) is var since and not 0 ? clock.GetElapsedTime(since) : TimeSpan.Zero;
        }
    }

    public void Start()
    {
        _thread = new(Run) { IsBackground = true, Name = "journal flush" };
        _thread.Start();
    }

    /// <summary>After each commit of the writer.</summary>
    /// <param name="group">Those of it that are answered after a flush.</param>
    /// <param name="records">Records in them.</param>
    /// <param name="beats">The commit is to be flushed soon in any case.</param>
    public void Committed(List<Append> group, int records, bool beats)
    {
        lock (_gate)
        {
            if (_since == 0) _since = clock.GetTimestamp();
            _asked |= beats;
            if (!_isOver)
            {
                _waiting.AddRange(group);
                _records += records;
                if (group.Count > 0 || beats) Monitor.Pulse(_gate);
                return;
            }
        }
        answer(group, false);
    }

    /// <summary>Flushes what waits, and ends.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
        _thread?.Join();
    }

    private void Run()
    {
        while (Take())
        {
            try
            {
                log.Run();
                _flushes++;
            }
            catch (SqliteException fault)
            {
                Fault = fault;
            }
            lock (_gate)
            {
                _isOver = Fault is not null;
                if (_isOver) _taken.AddRange(_waiting);
                else _underWaySince = 0;
            }
            if (_taken.Count > 0) answer(_taken, Fault is null);
            _taken.Clear();
            if (Fault is null) continue;
            failed();
            return;
        }
    }

    private bool Take()
    {
        lock (_gate)
        {
            while (!_asked && _waiting.Count == 0 && !_closed) Monitor.Wait(_gate);
            if (!_asked && _waiting.Count == 0) return false;
            if (_busiest >= FewRecords && _records < Expected && _waiting.Count > 0) AwaitCompany();
            _busiest = Math.Max(_records, _busiest - (_busiest / 4) - 1);
            (_waiting, _taken) = (_taken, _waiting);
            (_underWaySince, _since, _records, _asked) = (_since, 0, 0, false);
            return true;
        }
    }

    private int Expected => _busiest * 9 / 10;

    private void AwaitCompany()
    {
        var start = clock.GetTimestamp();
        while (_records < Expected && !_closed && company - clock.GetElapsedTime(start) is var left && left > TimeSpan.Zero) Monitor.Wait(_gate, left);
    }
}

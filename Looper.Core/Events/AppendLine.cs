using System.Diagnostics;

namespace Looper.Core.Events;

/// <summary>The bounded line of appends between many senders and the one writer. Hands over whole groups; wakes the writer only when
/// it waits for something. Time here is monotonic and only shapes groups, so it does not come from the turnable clock.</summary>
internal sealed class AppendLine(int capacity)
{
    private readonly object _gate = new();
    private List<Append> _waiting = [];
    private int _records;
    private int _wakeAt = int.MaxValue;
    private bool _closed, _woken;

    public int Records => Volatile.Read(ref _records);

    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>What became of it; <see cref="AppendStatus.Stored"/> stands for "is in the line".</summary>
    public AppendStatus TryAdd(Append append)
    {
        lock (_gate)
        {
            if (_closed) return AppendStatus.Unavailable;
            if (_records > 0 && _records + append.Records > capacity) return AppendStatus.Full;
            _waiting.Add(append);
            _records += append.Records;
            if (_records >= _wakeAt) Monitor.Pulse(_gate);
            return AppendStatus.Stored;
        }
    }

    /// <summary>Takes all that waits, in order; waits up to <paramref name="patience"/> for the first.</summary>
    /// <param name="empty">Filled; gives its storage in exchange.</param>
    /// <param name="company">Once one waits, wait for this many records…</param>
    /// <param name="linger">…but no longer than this.</param>
    public void Take(ref List<Append> empty, TimeSpan patience, int company, TimeSpan linger)
    {
        lock (_gate)
        {
            Await(1, patience);
            if (_records > 0 && _records < company) Await(company, linger);
            (_waiting, empty) = (empty, _waiting);
            // The taken ones still count against capacity, until they are answered.
        }
    }

    public void Answered(int records)
    {
        lock (_gate) _records -= records;
    }

    /// <summary>Nothing more comes in; the writer is woken to finish what waits.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>The writer has something else to do.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _woken = true;
            Monitor.Pulse(_gate);
        }
    }

    private void Await(int records, TimeSpan patience)
    {
        var start = Stopwatch.GetTimestamp();
        _wakeAt = records;
        while (_records < records && !_closed && !_woken)
        {
            var left = patience - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero || !Monitor.Wait(_gate, left)) break;
        }
        _wakeAt = int.MaxValue;
        _woken = false;
    }
}

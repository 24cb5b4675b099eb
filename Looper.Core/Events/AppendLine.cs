using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Looper.Core.Events;

/// <summary>The bounded line of appends between many senders and the one writer. Hands over whole groups; wakes the writer only when
/// it waits for something. Time here is monotonic and only shapes groups, so it does not come from the turnable clock.</summary>
/// <remarks>Fair over decision points: one may hold as many records as there are free places (dynamic threshold with α = 1; Choudhury and Hahne
/// 1998, IEEE/ACM Transactions on Networking 6:130). So one that floods the line takes half of it, k that go on flooding it take k/(k+1), and places
/// are left for the calls of others. Observations count together as one.</remarks>
internal sealed class AppendLine(int capacity)
{
    private readonly object _gate = new();
    private readonly Dictionary<Guid, int> _held = []; // records in the line, per decision point
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
            _held.TryGetValue(append.PointId, out var held);
            if (_records > 0 && held + append.Records > capacity - _records) return AppendStatus.Full;
            _held[append.PointId] = held + append.Records;
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

    /// <summary>Makes room; before the senders are told, since an append may be used again as soon as its sender knows.</summary>
    public void Leave(ReadOnlySpan<Append> group)
    {
        lock (_gate)
        {
            foreach (var append in group)
            {
                if (append.Records == 0) continue;
                _records -= append.Records;
                ref var held = ref CollectionsMarshal.GetValueRefOrNullRef(_held, append.PointId);
                held -= append.Records;
                if (held == 0) _held.Remove(append.PointId);
            }
        }
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

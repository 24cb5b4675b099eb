using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Looper.Core.Events;

/// <summary>The bounded line of appends between many senders and the one writer. Hands over whole groups; wakes the writer only when
/// it waits for something. Time here is monotonic and only shapes groups, so it does not come from the turnable clock.</summary>
/// <remarks>Fair over decision points: one may hold as many records as there are free places (dynamic threshold with α = 1; Choudhury and Hahne
/// 1998, IEEE/ACM Transactions on Networking 6:130). So one that floods the line takes half of it, k that go on flooding it take k/(k+1), and places
/// are left for the calls of others. A batch takes of the share of each decision point in it; observations count together as one.
/// A call by itself goes before batches that wait, in a group of its own kind; then it is the batches' turn.
/// A batch that is being written gives way to calls after a few records (<see cref="JournalGroup"/>), and a group of calls is no longer than one of batches: neither waits for long.</remarks>
internal sealed class AppendLine(int capacity)
{
    private const int CallRecords = 16;

    private readonly object _gate = new();
    private readonly Dictionary<Guid, int> _held = []; // records in the line, per decision point
    private readonly Queue<Append> _calls = [], _batches = [];
    private int _records; // in the line, or taken and not answered yet
    private int _queued; // in the line
    private int _wakeAt = int.MaxValue;
    private bool _closed, _woken, _wereCalls, _callsWait;

    /// <summary>It stands with the calls, not with the batches.</summary>
    public static bool IsCall(Append append) => append.Records <= CallRecords;

    public int Records => Volatile.Read(ref _records);

    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>What became of it; <see cref="AppendStatus.Stored"/> stands for "is in the line". Of a batch the records whose decision point
    /// holds its share already are left out, and answered as full.</summary>
    public AppendStatus TryAdd(Append append)
    {
        lock (_gate)
        {
            if (_closed) return AppendStatus.Unavailable;
            if (_records > 0 && !Admit(append)) return AppendStatus.Full;
            for (var i = 0; i < append.Shares; i++)
            {
                var share = append.Share(i);
                if (share.Records == 0) continue;
                ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(_held, share.PointId, out _);
                held += share.Records;
            }
            (IsCall(append) ? _calls : _batches).Enqueue(append);
            _callsWait = _calls.Count > 0;
            _records += append.Records;
            _queued += append.Records;
            if (_queued >= _wakeAt) Monitor.Pulse(_gate);
            return AppendStatus.Stored;
        }
    }

    /// <summary>Whether so many records of a decision point would be let in now: asked before work is spent on them. They may still be refused.</summary>
    public bool HasRoom(Guid pointId, int records)
    {
        if (Records + records <= capacity / 2) return true; // whoever holds them, as many places are free: no lock in the usual case
        lock (_gate) return _closed || _records == 0 || _held.GetValueOrDefault(pointId) + records <= capacity - _records;
    }

    /// <returns>Whether anything of it may come in.</returns>
    private bool Admit(Append append)
    {
        var (free, refused) = (capacity - _records, 0);
        for (var i = 0; i < append.Shares; i++)
        {
            var share = append.Share(i);
            _held.TryGetValue(share.PointId, out var held);
            if (held + share.Records <= free)
            {
                free -= share.Records;
                continue;
            }
            if (++refused == append.Shares) return false;
            append.Exclude(i);
        }
        return true;
    }

    /// <summary>Takes the next group, calls or batches in turn where both wait, each in order; waits up to <paramref name="patience"/> for the first.</summary>
    /// <param name="group">Empty; filled.</param>
    /// <param name="most">Records of it, or one append that has more.</param>
    /// <param name="company">Once one waits, wait until this many records are in the line or under way…</param>
    /// <param name="linger">…but no longer than this.</param>
    public void Take(List<Append> group, TimeSpan patience, int most, int company, TimeSpan linger)
    {
        lock (_gate)
        {
            if (!AnyWaits) Await(1, patience);
            var underWay = _records - _queued;
            if (_queued > 0 && _records < company) Await(company - underWay, linger);
            var from = _batches.Count > 0 && (_calls.Count == 0 || _wereCalls) ? _batches : _calls;
            Move(from, group, most);
            _wereCalls = from == _calls && group.Count > 0;
        }
    }

    /// <summary>Calls by themselves are in the line: looked at between two pieces of a batch, so without the lock.</summary>
    public bool CallsWait => Volatile.Read(ref _callsWait);

    /// <summary>Takes calls that wait, whoever's turn it is: a batch that is being written gives way to them.</summary>
    /// <param name="group">Empty; filled.</param>
    /// <param name="most">Records of it.</param>
    public void TakeCalls(List<Append> group, int most)
    {
        lock (_gate) Move(_calls, group, most);
    }

    private bool AnyWaits => _calls.Count > 0 || _batches.Count > 0;

    // They still count against capacity, until they are answered.
    private void Move(Queue<Append> from, List<Append> to, int most)
    {
        for (var left = most; from.TryPeek(out var append) && (append.Records <= left || to.Count == 0); left -= append.Records)
        {
            to.Add(from.Dequeue());
            _queued -= append.Records;
        }
        _callsWait = _calls.Count > 0;
    }

    /// <summary>Makes room; before the senders are told, since an append may be used again as soon as its sender knows.</summary>
    public void Leave(ReadOnlySpan<Append> group)
    {
        lock (_gate)
        {
            foreach (var append in group)
            {
                _records -= append.Records;
                for (var i = 0; i < append.Shares; i++)
                {
                    var share = append.Share(i);
                    if (share.Records == 0) continue;
                    ref var held = ref CollectionsMarshal.GetValueRefOrNullRef(_held, share.PointId);
                    held -= share.Records;
                    if (held == 0) _held.Remove(share.PointId);
                }
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
        while (_queued < records && !_closed && !_woken)
        {
            var left = patience - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero || !Monitor.Wait(_gate, left)) break;
        }
        _wakeAt = int.MaxValue;
        _woken = false;
    }
}

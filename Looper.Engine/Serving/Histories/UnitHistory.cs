namespace Looper.Core.Serving.Histories;

/// <summary>The latest reports for one unit of one decision point, in order. Guarded by its shelf.</summary>
internal sealed class UnitHistory(UnitKey key, TrackedPoint owner, long knownFrom)
{
    /// <summary>Itself, its place in the table, and the array without its items, as measured.</summary>
    private const int OwnBytes = 176;
    private const int EventBytes = 24;

    private HistoryEvent[] _events = [];
    private int _count;

    public UnitKey Key { get; } = key;
    public TrackedPoint Owner { get; } = owner;

    /// <summary>Reports up to these ticks may have been forgotten.</summary>
    public long KnownFrom { get; } = knownFrom;

    public UnitHistory? Newer { get; set; }
    public UnitHistory? Older { get; set; }

    public int Bytes => OwnBytes + _events.Length * EventBytes;

    public ReadOnlySpan<HistoryEvent> Events => _events.AsSpan(0, _count);

    /// <summary>Latest moment of which something would be lost with it.</summary>
    public long Reach
    {
        get
        {
            var reach = KnownFrom;
            foreach (ref readonly var one in Events) reach = Math.Max(reach, one.Ticks);
            return reach;
        }
    }

    /// <summary>Adds one report. Of an outcome the latest <see cref="UnitHistories.MostEvents"/> stay, whatever order they come in.</summary>
    /// <param name="oldest">What happened up to these ticks is no longer asked for.</param>
    public void Add(in HistoryEvent report, long oldest)
    {
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            if (_events[i].Ticks > oldest) _events[kept++] = _events[i];
        }
        _count = kept;
        if (report.Ticks <= oldest) return;
        var at = Events.BinarySearch(report);
        if (at < 0) at = ~at;
        var first = at;
        while (first > 0 && _events[first - 1].Outcome == report.Outcome) first--;
        var end = at;
        while (end < _count && _events[end].Outcome == report.Outcome) end++;
        if (end - first >= UnitHistories.MostEvents)
        {
            if (at == first) return; // older than all of them
            Array.Copy(_events, first + 1, _events, first, at - first - 1);
            _events[at - 1] = report;
            return;
        }
        if (_count == _events.Length) Array.Resize(ref _events, Math.Max(2, _count * 2));
        Array.Copy(_events, at, _events, at + 1, _count - at);
        _events[at] = report;
        _count++;
    }
}

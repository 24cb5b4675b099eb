using System.Collections.Concurrent;

namespace Looper.Core.Serving.Histories;

/// <summary>
/// What was reported for each unit lately, in memory, within a budget: when it is full, the units that were neither decided for nor reported on for the longest are
/// forgotten. Reading allocates nothing and waits for no disk. Only what some feature asks for is kept.
/// </summary>
public sealed class UnitHistories
{
    /// <summary>Reports of one outcome that are kept for a unit, the latest ones: a count never exceeds it.</summary>
    public const int MostEvents = 200;

    private const int Shelves = 64;

    private readonly HistoryShelf[] _shelves;
    private readonly ConcurrentDictionary<Guid, TrackedPoint> _points = [];
    private long _generation, _unknown;

    /// <param name="budget">Bytes, about; at least 1 MB.</param>
    public UnitHistories(long budget)
    {
        Budget = budget;
        _shelves = [.. Enumerable.Range(0, Shelves).Select(_ => new HistoryShelf(budget / Shelves))];
    }

    public long Budget { get; }

    public long Bytes => _shelves.Sum(s => s.Bytes);

    public long Units => _shelves.Sum(s => (long)s.Units);

    /// <summary>Units forgotten for want of room.</summary>
    public long Evicted => _shelves.Sum(s => s.Evicted);

    /// <summary>Decisions that were served with such a feature missing, since its history was not all there.</summary>
    public long Unknown => Volatile.Read(ref _unknown);

    public IEnumerable<TrackedPoint> Points => _points.Values;

    /// <summary>False when no decision point tracks anything, so that reports need not be looked at.</summary>
    internal bool IsEmpty => _points.IsEmpty;

    internal TrackedPoint? Find(Guid point) => _points.GetValueOrDefault(point);

    /// <summary>Begins, or begins anew, to keep what a decision point asks for; nothing is known of it until it is complete.</summary>
    internal TrackedPoint Track(Guid point, IReadOnlyDictionary<string, TimeSpan> windows)
    {
        Untrack(point);
        return _points[point] = new(point, ++_generation, windows);
    }

    internal void Untrack(Guid point)
    {
        if (!_points.TryRemove(point, out var tracked)) return;
        foreach (var shelf in _shelves) shelf.Drop(tracked);
    }

    /// <param name="now">Ticks: when it was reported, so that what no later decision can ask for is dropped.</param>
    internal void Add(TrackedPoint point, ReadOnlySpan<byte> utf8Unit, in HistoryEvent report, long now) => Add(point, point.KeyOf(utf8Unit), report, now);

    /// <inheritdoc cref="Add(TrackedPoint, ReadOnlySpan{byte}, in HistoryEvent, long)"/>
    internal void Add(TrackedPoint point, UnitKey unit, in HistoryEvent report, long now) => ShelfOf(unit).Add(point, unit, report, now - point.Longest);

    /// <summary>Forgets a unit everywhere, as if nothing had ever been reported for it.</summary>
    internal void Erase(ReadOnlySpan<byte> utf8Unit)
    {
        foreach (var point in _points.Values)
        {
            var key = point.KeyOf(utf8Unit);
            ShelfOf(key).Drop(key);
        }
    }

    /// <summary>What is known of a unit now.</summary>
    /// <param name="now">Ticks of the decision.</param>
    public void Read(Guid point, ReadOnlySpan<byte> utf8Unit, long now, KnownHistory into)
    {
        ArgumentNullException.ThrowIfNull(into);
        into.Begin(now);
        if (Find(point) is not { IsComplete: true } tracked) return;
        var key = tracked.KeyOf(utf8Unit);
        ShelfOf(key).Read(key, into);
    }

    internal void CountUnknown() => Interlocked.Increment(ref _unknown);

    private HistoryShelf ShelfOf(UnitKey key) => _shelves[key.First & (Shelves - 1)];
}

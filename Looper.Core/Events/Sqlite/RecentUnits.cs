namespace Looper.Core.Events.Sqlite;

/// <summary>The points that decided lately for each unit, so that counting an observation by unit seldom looks for decisions. Bounded: two
/// halves, of which the older is dropped when the newer is full. Used by the writer's thread alone.</summary>
internal sealed class RecentUnits
{
    private const int Half = 65_536;

    private Dictionary<long, long[]> _newer = [], _older = [];

    /// <summary>False where nothing is known; empty where it is known that no point has decided for it.</summary>
    public bool TryGet(long unit, out ReadOnlySpan<long> points)
    {
        var isKnown = _newer.TryGetValue(unit, out var found) || _older.TryGetValue(unit, out found);
        points = found;
        return isKnown;
    }

    /// <returns>All points known for the unit.</returns>
    public ReadOnlySpan<long> Add(long unit, long point)
    {
        var isNew = !_newer.TryGetValue(unit, out var points);
        if (isNew) points = _older.GetValueOrDefault(unit, []);
        if (Array.IndexOf(points!, point) < 0) points = [.. points!, point];
        else if (!isNew) return points;
        return Set(unit, points!);
    }

    public ReadOnlySpan<long> AddUnknown(long unit) => Set(unit, []);

    public void Clear()
    {
        _newer.Clear();
        _older.Clear();
    }

    private long[] Set(long unit, long[] points)
    {
        if (_newer.Count == Half) (_newer, _older) = ([], _newer);
        return _newer[unit] = points;
    }
}

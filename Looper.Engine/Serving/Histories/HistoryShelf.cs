namespace Looper.Core.Serving.Histories;

/// <summary>A part of all units, with a lock and a budget of its own. It remembers whom it had to forget, so that a history that is not whole is never taken for
/// one that is.</summary>
internal sealed class HistoryShelf(long budget)
{
    private readonly long _budget = budget / 8 * 7;
    private readonly Lock _gate = new();
    private readonly Dictionary<UnitKey, UnitHistory> _units = [];
    private readonly ForgottenUnits _forgotten = new(budget / 8);
    private UnitHistory? _newest, _oldest;
    private long _bytes, _evicted;

    public long Bytes => Volatile.Read(ref _bytes);
    public long Evicted => Volatile.Read(ref _evicted);

    public int Units
    {
        get
        {
            lock (_gate) return _units.Count;
        }
    }

    public void Read(UnitKey key, KnownHistory into)
    {
        lock (_gate)
        {
            if (_units.TryGetValue(key, out var unit))
            {
                Touch(unit);
                into.Take(unit.Events, unit.KnownFrom);
            }
            else
            {
                into.Take([], _forgotten.KnownFrom(key));
            }
        }
    }

    public void Add(TrackedPoint owner, UnitKey key, in HistoryEvent report, long oldest)
    {
        lock (_gate)
        {
            if (!_units.TryGetValue(key, out var unit))
            {
                if (report.Ticks <= oldest) return;
                unit = new(key, owner, _forgotten.KnownFrom(key));
                _units.Add(key, unit);
                Link(unit);
                _bytes += unit.Bytes;
            }
            else
            {
                Touch(unit);
            }
            _bytes -= unit.Bytes;
            unit.Add(report, oldest);
            _bytes += unit.Bytes;
            while (_bytes > _budget && _oldest is { } least && least != unit) Evict(least);
        }
    }

    /// <summary>Drops a unit on purpose: it then counts as one that nothing was ever reported for.</summary>
    public void Drop(UnitKey key)
    {
        lock (_gate)
        {
            if (_units.TryGetValue(key, out var unit)) Remove(unit);
        }
    }

    public void Drop(TrackedPoint owner)
    {
        lock (_gate)
        {
            foreach (var unit in _units.Values.Where(u => u.Owner == owner).ToList()) Remove(unit);
        }
    }

    private void Evict(UnitHistory unit)
    {
        Remove(unit);
        _evicted++;
        _forgotten.Add(unit.Key, unit.Reach);
    }

    private void Remove(UnitHistory unit)
    {
        _units.Remove(unit.Key);
        _bytes -= unit.Bytes;
        Unlink(unit);
    }

    private void Touch(UnitHistory unit)
    {
        if (unit == _newest) return;
        Unlink(unit);
        Link(unit);
    }

    private void Link(UnitHistory unit)
    {
        (unit.Older, unit.Newer) = (_newest, null);
        if (_newest is not null) _newest.Newer = unit;
        _newest = unit;
        _oldest ??= unit;
    }

    private void Unlink(UnitHistory unit)
    {
        if (unit.Newer is { } newer) newer.Older = unit.Older;
        else _newest = unit.Older;
        if (unit.Older is { } older) older.Newer = unit.Newer;
        else _oldest = unit.Newer;
    }
}

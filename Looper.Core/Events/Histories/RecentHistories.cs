using Looper.Core.Serving.Histories;

namespace Looper.Core.Events.Histories;

/// <summary>Units that were asked for lately, each with how far its reports have been read: within a budget, of which those asked for least lately leave half.</summary>
/// <param name="budget">Bytes, about.</param>
internal sealed class RecentHistories(long budget)
{
    private const int EntryBytes = 96; // its place in the table, and where it is

    private Dictionary<UnitKey, Read> _newer = [], _older = [];
    private long _newerBytes;

    public int Units => _newer.Count + _older.Count;

    /// <summary>A unit that is being followed.</summary>
    public sealed class Read(UnitHistory history, long next)
    {
        public UnitHistory History { get; } = history;

        /// <summary>Where its next report stands.</summary>
        public long Next { get; set; } = next;

        /// <summary>When that was known; never where there is none.</summary>
        public long NextReceived { get; set; } = long.MinValue;
    }

    /// <summary>Null where it was not asked for lately.</summary>
    public Read? Find(UnitKey unit)
    {
        if (_newer.TryGetValue(unit, out var read)) return read;
        if (!_older.Remove(unit, out read)) return null;
        Keep(unit, read);
        return read;
    }

    public void Keep(UnitKey unit, Read read)
    {
        var bytes = EntryBytes + read.History.Bytes;
        if (_newerBytes + bytes > budget / 2 && _newer.Count > 0)
        {
            (_older, _newer) = (_newer, _older);
            _newer.Clear();
            _newerBytes = 0;
        }
        _newer[unit] = read;
        _newerBytes += bytes;
    }

    /// <summary>A unit among the newer ones has grown.</summary>
    public void Grew(int bytes) => _newerBytes += bytes;
}

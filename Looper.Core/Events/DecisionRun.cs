using System.Runtime.InteropServices;
using Looper.Core.Events.Records;
using Looper.Core.Events.Sqlite;

namespace Looper.Core.Events;

/// <summary>Single decisions that stand next to each other in a group, written together as a batch would be.</summary>
internal sealed class DecisionRun
{
    private readonly List<DecisionRecord> _records = [];
    private readonly List<EncodedDecision> _rows = [];
    private Appended[] _found = [];

    /// <summary>Writes all of a group, in order.</summary>
    public void Write(ReadOnlySpan<Append> group, EventLog log)
    {
        for (var i = 0; i < group.Length;)
        {
            var end = i;
            while (end < group.Length && group[end] is DecisionAppend) end++;
            if (end - i > 1) Write(group, i, end, log);
            else group[i].Write(log);
            i = Math.Max(end, i + 1);
        }
    }

    private void Write(ReadOnlySpan<Append> group, int from, int to, EventLog log)
    {
        _records.Clear();
        _rows.Clear();
        foreach (var append in group[from..to])
        {
            var one = (DecisionAppend)append;
            _records.Add(one.Record);
            _rows.Add(one.Row);
        }
        if (_found.Length < _records.Count) _found = new Appended[_records.Count * 2];
        log.Append(CollectionsMarshal.AsSpan(_records), CollectionsMarshal.AsSpan(_rows), _found);
        for (var i = from; i < to; i++) ((DecisionAppend)group[i]).Found = _found[i - from];
        _records.Clear();
        _rows.Clear();
        Array.Clear(_found);
    }
}

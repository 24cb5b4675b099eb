using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>The observations of a page of decisions in one pass: decisions in the order of their ids and the index over what observations
/// name go side by side. Where the next match lies far ahead it is looked for, so the worst page costs what one look-up per decision costs.</summary>
internal sealed class ObservationMerge : IDisposable
{
    private const int StepsBeforeSeek = 12, KeyBytes = 16;

    private readonly Statement _from, _one;
    private readonly byte[] _keys = new byte[DecisionScan.PageRows * KeyBytes];
    private readonly int[] _order = new int[DecisionScan.PageRows];
    private readonly byte[] _key = new byte[EventKey.MaxBytes];

    public ObservationMerge(SqliteConnection connection)
    {
        _from = new(connection, $"SELECT {EventRows.Observation} FROM observations WHERE decision >= ?1 ORDER BY decision");
        _one = new(connection, $"SELECT {EventRows.Observation} FROM observations WHERE decision = ?1");
    }

    /// <param name="found">Called for each observation with the index of its decision; reads the row.</param>
    public void Run(List<(long Seq, DecisionRecord Record)> decisions, Action<int, Statement> found)
    {
        var uuids = 0;
        for (var i = 0; i < decisions.Count; i++)
        {
            var key = EventKey.Of(decisions[i].Record.Id, _key);
            if (key.IsUuid)
            {
                key.Bytes.CopyTo(_keys.AsSpan(i * KeyBytes));
                _order[uuids++] = i;
            }
            else
            {
                _one.Bind(0, key); // an id of the caller's own says nothing about where its neighbours lie
                while (_one.Step()) found(i, _one);
            }
        }
        Array.Sort(_order, 0, uuids, new ByKey(_keys));
        if (uuids > 0) Merge(uuids, found);
    }

    public void Dispose()
    {
        _from.Dispose();
        _one.Dispose();
    }

    private void Merge(int count, Action<int, Statement> found)
    {
        var at = 0;
        var isThere = Seek(at);
        for (var passed = 0; isThere;)
        {
            var place = _from.IsBlob(2) ? _from.Bytes(2).SequenceCompareTo(Key(at)) : 1; // texts come first, but never after the bound
            if (place > 0)
            {
                if (++at == count) break;
                continue;
            }
            if (place == 0)
            {
                found(_order[at], _from);
                passed = 0;
            }
            else if (++passed > StepsBeforeSeek)
            {
                passed = 0;
                isThere = Seek(at);
                continue;
            }
            isThere = _from.Step();
        }
        if (isThere) _from.Reset();
    }

    private bool Seek(int at)
    {
        _from.Reset();
        return _from.Bind(0, Key(at)).Step();
    }

    private ReadOnlySpan<byte> Key(int at) => _keys.AsSpan(_order[at] * KeyBytes, KeyBytes);

    private sealed class ByKey(byte[] keys) : IComparer<int>
    {
        public int Compare(int x, int y) => keys.AsSpan(x * KeyBytes, KeyBytes).SequenceCompareTo(keys.AsSpan(y * KeyBytes, KeyBytes));
    }
}

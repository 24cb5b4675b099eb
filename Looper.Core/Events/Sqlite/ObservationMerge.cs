using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Which observations name the decisions of a page. Decisions in the order of their ids and the index over what observations name go
/// side by side; where the next match lies far ahead it is looked for, so the worst page costs what one look-up per decision costs.</summary>
internal sealed class ObservationMerge : IDisposable
{
    private const int StepsBeforeSeek = 12, KeyBytes = 16;

    private readonly Statement _index, _one;
    private readonly byte[] _keys = new byte[DecisionScan.PageRows * KeyBytes];
    private readonly int[] _order = new int[DecisionScan.PageRows];
    private readonly ByKey _byKey;
    private readonly List<(byte[] Key, bool IsBlob, int Decision)> _others = []; // ids of the caller's own
    private int _uuids;

    public ObservationMerge(SqliteConnection connection)
    {
        _byKey = new(_keys);
        _index = new(connection, "SELECT seq, decision FROM observations WHERE decision >= ?1 ORDER BY decision");
        _one = new(connection, "SELECT seq FROM observations WHERE decision = ?1");
    }

    /// <summary>One more decision of the page, at most <see cref="DecisionScan.PageRows"/> of them.</summary>
    /// <param name="decision">Its number in the page.</param>
    public void Add(int decision, in EventKey id)
    {
        if (id.IsUuid)
        {
            id.Bytes.CopyTo(_keys.AsSpan(decision * KeyBytes));
            _order[_uuids++] = decision;
        }
        else
        {
            _others.Add((id.Bytes.ToArray(), id.IsBlob, decision));
        }
    }

    /// <summary>Finds what names the decisions that were added, and begins a new page.</summary>
    /// <param name="found">Overwritten.</param>
    public void Run(ObservationList found)
    {
        found.Clear();
        foreach (var (key, isBlob, decision) in _others)
        {
            _one.Bind(0, new EventKey(key, isBlob)); // such an id says nothing about where its neighbours lie
            while (_one.Step()) found.Add(_one.Int64(0), decision);
        }
        Array.Sort(_order, 0, _uuids, _byKey);
        if (_uuids > 0) Merge(found);
        _others.Clear();
        _uuids = 0;
        found.Sort();
    }

    public void Dispose()
    {
        _index.Dispose();
        _one.Dispose();
    }

    private void Merge(ObservationList found)
    {
        var at = 0;
        var isThere = Seek(at);
        for (var passed = 0; isThere;)
        {
            var place = _index.Bytes(1).SequenceCompareTo(Key(at)); // texts never come after a blob
            if (place > 0)
            {
                if (++at == _uuids) break;
                continue;
            }
            if (place == 0)
            {
                found.Add(_index.Int64(0), _order[at]);
                passed = 0;
            }
            else if (++passed > StepsBeforeSeek)
            {
                passed = 0;
                isThere = Seek(at);
                continue;
            }
            isThere = _index.Step();
        }
        if (isThere) _index.Reset();
    }

    private bool Seek(int at)
    {
        _index.Reset();
        return _index.Bind(0, Key(at)).Step();
    }

    private ReadOnlySpan<byte> Key(int at) => _keys.AsSpan(_order[at] * KeyBytes, KeyBytes);

    private sealed class ByKey(byte[] keys) : IComparer<int>
    {
        public int Compare(int x, int y) => keys.AsSpan(x * KeyBytes, KeyBytes).SequenceCompareTo(keys.AsSpan(y * KeyBytes, KeyBytes));
    }
}

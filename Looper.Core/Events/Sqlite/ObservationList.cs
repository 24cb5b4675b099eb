using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Observations of a page of decisions by the number of their row, which is much the order they came in.</summary>
internal sealed class ObservationList
{
    private long[] _seqs = new long[4 * DecisionScan.PageRows];
    private int[] _decisions = new int[4 * DecisionScan.PageRows];

    public int Count { get; private set; }

    public void Clear() => Count = 0;

    /// <param name="decision">Number of the decision in its page.</param>
    public void Add(long seq, int decision)
    {
        if (Count == _seqs.Length)
        {
            Array.Resize(ref _seqs, 2 * Count);
            Array.Resize(ref _decisions, 2 * Count);
        }
        (_seqs[Count], _decisions[Count]) = (seq, decision);
        Count++;
    }

    public void Sort() => Array.Sort(_seqs, _decisions, 0, Count);

    public (long Seq, int Decision) this[int at] => (_seqs[at], _decisions[at]);
}

/// <summary>Reads the rows of a list in the order they lie: the next one is stepped to where it is near, and looked for where it is not.</summary>
internal sealed class ObservationFetch(SqliteConnection connection) : IDisposable
{
    private const int StepsBeforeSeek = 12;

    private readonly Statement _rows = new(connection, $"SELECT {EventRows.Observation} FROM observations WHERE seq >= ?1 ORDER BY seq");

    /// <param name="found">Called for each observation with the number of its decision; reads the row.</param>
    public void Run(ObservationList list, Action<int, Statement> found)
    {
        var at = 0;
        for (var isThere = list.Count > 0 && Seek(list[0].Seq); isThere;)
        {
            var seq = _rows.Int64(0);
            while (at < list.Count && list[at].Seq < seq) at++; // removed meanwhile
            if (at < list.Count && list[at].Seq == seq) found(list[at++].Decision, _rows);
            if (at == list.Count)
            {
                _rows.Reset();
                return;
            }
            isThere = list[at].Seq - seq > StepsBeforeSeek ? Seek(list[at].Seq) : _rows.Step();
        }
    }

    public void Dispose() => _rows.Dispose();

    private bool Seek(long seq)
    {
        _rows.Reset();
        return _rows.Bind(0, seq).Step();
    }
}

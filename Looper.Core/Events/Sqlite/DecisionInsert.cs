using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Inserts so many decisions at once, like <see cref="ObservationInsert"/>.</summary>
internal sealed unsafe class DecisionInsert(SqliteConnection connection, int count) : IDisposable
{
    private const int Columns = 7;

    private readonly LotBytes _bytes = new();
    private readonly Statement _insert = new(connection,
        $"INSERT OR IGNORE INTO decisions VALUES {string.Join(',', Enumerable.Repeat("(?, ?, ?, ?, ?, ?, ?)", count))}");

    public int Count => count;

    /// <summary>False where one of them was there already; the others are in nevertheless.</summary>
    /// <param name="rows">At least as many as it inserts.</param>
    /// <param name="points">The decision point's number of each.</param>
    /// <param name="seq">The number of the first row.</param>
    public bool Run(ReadOnlySpan<EncodedDecision> rows, ReadOnlySpan<long> points, long seq)
    {
        var size = 0;
        for (var i = 0; i < count; i++) size += rows[i].Bytes.Length;
        _bytes.Begin(size);
        for (var i = 0; i < count; i++) Bind(i * Columns, seq + i, rows[i], points[i]);
        _insert.Run();
        return connection.Changes() == count;
    }

    public void Dispose() => _insert.Dispose();

    private void Bind(int at, long seq, in EncodedDecision row, long point)
    {
        var id = row.Id;
        var all = row.Bytes;
        var bytes = _bytes.Add(all);
        _insert.Bind(at, seq).BindInPlace(at + 1, bytes, id.Bytes.Length, id.IsBlob).Bind(at + 2, point).Bind(at + 3, row.Ticks).Bind(at + 4, row.Unit)
            .Bind(at + 5, (long)row.Marks).BindInPlace(at + 6, bytes + id.Bytes.Length, all.Length - id.Bytes.Length, isBlob: true);
    }
}

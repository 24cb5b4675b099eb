using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Inserts so many observations at once: what a statement costs beside its rows is paid once for all of them. Whatever a row meets, the statement
/// goes on: one that could end in the middle would have SQLite keep every page it changes as it was before.</summary>
internal sealed unsafe class ObservationInsert(SqliteConnection connection, int count) : IDisposable
{
    private const int Columns = 7;

    private readonly LotBytes _bytes = new();
    private readonly Statement _insert = new(connection,
        $"INSERT OR IGNORE INTO observations VALUES {string.Join(',', Enumerable.Repeat("(?, ?, ?, ?, ?, ?, ?)", count))}");

    public int Count => count;

    /// <summary>False where one of them was there already; the others are in nevertheless.</summary>
    /// <param name="from">The first of the rows.</param>
    /// <param name="seq">Its number.</param>
    public bool Run(ObservationRows rows, int from, long seq)
    {
        var size = 0;
        for (var i = 0; i < count; i++) size += rows.Bytes(from + i).Length;
        _bytes.Begin(size);
        for (var i = 0; i < count; i++) Bind(i * Columns, seq + i, rows.Columns(from + i), rows.Bytes(from + i));
        _insert.Run();
        return connection.Changes() == count;
    }

    public void Dispose() => _insert.Dispose();

    private void Bind(int at, long seq, in ObservationColumns columns, ReadOnlySpan<byte> all)
    {
        var bytes = _bytes.Add(all);
        var (id, decision) = (columns.Id.Bytes.Length, columns.Decision.Bytes.Length);
        _insert.Bind(at, seq).BindInPlace(at + 1, bytes, id, columns.Id.IsBlob).Bind(at + 4, columns.Ticks).Bind(at + 5, (long)columns.Marks);
        _insert.BindInPlace(at + 6, bytes + id + decision, all.Length - id - decision, isBlob: true);
        if (decision == 0) _insert.BindNull(at + 2).Bind(at + 3, columns.Unit);
        else _insert.BindInPlace(at + 2, bytes + id, decision, columns.Decision.IsBlob).BindNull(at + 3);
    }
}

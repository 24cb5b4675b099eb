using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Inserts so many observations at once: what a statement costs beside its rows is paid once for all of them. Whatever a row meets, the statement
/// goes on: one that could end in the middle would have SQLite keep every page it changes as it was before.</summary>
internal sealed class ObservationInsert(SqliteConnection connection, int count) : IDisposable
{
    private const int Columns = 7;

    private readonly Statement _insert = new(connection,
        $"INSERT OR IGNORE INTO observations VALUES {string.Join(',', Enumerable.Repeat("(?, ?, ?, ?, ?, ?, ?)", count))}");

    public int Count => count;

    /// <summary>False where one of them was there already; the others are in nevertheless.</summary>
    /// <param name="from">The first of the rows.</param>
    /// <param name="seq">Its number.</param>
    public bool Run(ObservationRows rows, int from, long seq)
    {
        for (var i = 0; i < count; i++) Bind(i * Columns, seq + i, rows.Columns(from + i), rows.Payload(from + i));
        _insert.Run();
        return connection.Changes() == count;
    }

    public void Dispose() => _insert.Dispose();

    private void Bind(int at, long seq, in ObservationColumns columns, ReadOnlySpan<byte> payload)
    {
        _insert.Bind(at, seq).Bind(at + 1, columns.Id).Bind(at + 4, columns.Ticks).Bind(at + 5, (long)columns.Marks).Bind(at + 6, payload);
        if (columns.Decision.Bytes.IsEmpty) _insert.BindNull(at + 2).Bind(at + 3, columns.Unit);
        else _insert.Bind(at + 2, columns.Decision).BindNull(at + 3);
    }
}

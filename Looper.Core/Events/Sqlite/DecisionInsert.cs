using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Looper.Core.Events.Sqlite;

/// <summary>Inserts so many decisions at once, like <see cref="ObservationInsert"/>.</summary>
/// <param name="count">Rows.</param>
/// <param name="isNumbered">Rows have the numbers they are given. Otherwise SQLite counts on from the newest row that is there: it puts such rows at the end
/// without looking for their place.</param>
internal sealed unsafe class DecisionInsert(SqliteConnection connection, int count, bool isNumbered = false) : IDisposable
{
    private readonly LotBytes _bytes = new();
    private readonly Statement _insert = new(connection,
        $"INSERT OR IGNORE INTO decisions (id, point, time, unit, marks, payload{(isNumbered ? ", seq" : "")}) VALUES {string.Join(',', Enumerable.Repeat(isNumbered ? "(?, ?, ?, ?, ?, ?, ?)" : "(?, ?, ?, ?, ?, ?)", count))}");

    private int Columns => isNumbered ? 7 : 6;

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
        for (var i = 0; i < count; i++)
        {
            Bind(i * Columns, rows[i], points[i]);
            if (isNumbered) _insert.Bind(i * Columns + 6, seq + i);
        }
        _insert.Run();
        if (connection.Changes() != count) return false;
        if (raw.sqlite3_last_insert_rowid(connection.Handle) is var last && last != seq + count - 1)
            throw new InvalidOperationException($"Decisions were to end with row {seq + count - 1} and end with {last}.");
        return true;
    }

    public void Dispose() => _insert.Dispose();

    private void Bind(int at, in EncodedDecision row, long point)
    {
        var id = row.Id;
        var all = row.Bytes;
        var bytes = _bytes.Add(all);
        _insert.BindInPlace(at, bytes, id.Bytes.Length, id.IsBlob).Bind(at + 1, point).Bind(at + 2, row.Ticks).Bind(at + 3, row.Unit)
            .Bind(at + 4, (long)row.Marks).BindInPlace(at + 5, bytes + id.Bytes.Length, all.Length - id.Bytes.Length, isBlob: true);
    }
}

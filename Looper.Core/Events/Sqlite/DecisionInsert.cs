using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Inserts so many decisions at once, like <see cref="ObservationInsert"/>.</summary>
internal sealed class DecisionInsert(SqliteConnection connection, int count) : IDisposable
{
    private const int Columns = 7;

    private readonly byte[] _key = new byte[EventKey.MaxBytes];
    private readonly Statement _insert = new(connection,
        $"INSERT OR IGNORE INTO decisions VALUES {string.Join(',', Enumerable.Repeat("(?, ?, ?, ?, ?, ?, ?)", count))}");
    private byte[] _payload = new byte[4_096];

    public int Count => count;

    /// <summary>False where one of them was there already; the others are in nevertheless.</summary>
    /// <param name="records">As many as it inserts.</param>
    /// <param name="points">The decision point's number of each.</param>
    /// <param name="units">The hash of the unit of each.</param>
    /// <param name="seq">The number of the first row.</param>
    public bool Run(ReadOnlySpan<DecisionRecord> records, ReadOnlySpan<long> points, ReadOnlySpan<long> units, long seq)
    {
        for (var i = 0; i < count; i++) Bind(i * Columns, seq + i, records[i], points[i], units[i]);
        _insert.Run();
        return connection.Changes() == count;
    }

    public void Dispose() => _insert.Dispose();

    private void Bind(int at, long seq, DecisionRecord record, long point, long unit)
    {
        var id = EventKey.Of(record.Id, _key);
        var columns = new DecisionColumns(id, record.DecisionPointId, record.Time.UtcTicks, unit, record.Marks);
        var size = DecisionCodec.MaxBytes(record);
        if (size > _payload.Length) _payload = new byte[size * 2];
        _insert.Bind(at, seq).Bind(at + 1, id).Bind(at + 2, point).Bind(at + 3, columns.Ticks).Bind(at + 4, columns.Unit)
            .Bind(at + 5, (long)columns.Marks).Bind(at + 6, DecisionCodec.Write(record, columns, _payload));
    }
}

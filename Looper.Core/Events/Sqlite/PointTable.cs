using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Decision points as small numbers, so that rows and indexes stay short.</summary>
internal sealed class PointTable
{
    private readonly Dictionary<Guid, long> _numbers = [];
    private readonly Dictionary<long, Guid> _ids = [];

    public static PointTable Read(SqliteConnection connection)
    {
        var table = new PointTable();
        using var rows = new Statement(connection, "SELECT number, id FROM points");
        while (rows.Step()) table.Add(rows.Int64(0), new Guid(rows.Bytes(1), bigEndian: true));
        return table;
    }

    public IEnumerable<KeyValuePair<long, Guid>> All => _ids;

    public long? NumberOf(Guid id) => _numbers.TryGetValue(id, out var number) ? number : null;

    /// <summary>The empty id where the number is unknown: no checksum agrees with it.</summary>
    public Guid IdOf(long number) => _ids.GetValueOrDefault(number);

    public long Next => _ids.Count == 0 ? 1 : _ids.Keys.Max() + 1;

    public void Add(long number, Guid id)
    {
        _numbers.Add(id, number);
        _ids.Add(number, id);
    }

    public void Remove(long number)
    {
        if (_ids.Remove(number, out var id)) _numbers.Remove(id);
    }
}

using System.Buffers.Binary;
using Looper.Core.Events.Records;
using Looper.Core.Events.Sqlite;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Shipping;

/// <summary>Which decisions of the journal stand after the place that was read up to. Most observations name one that was read just before; only the others
/// are looked up.</summary>
internal sealed class DecisionsAhead(SqliteConnection connection) : IDisposable
{
    private readonly Statement _find = new(connection, "SELECT seq FROM decisions WHERE id = ?1");
    private readonly HashSet<UInt128> _read = [];

    /// <summary>Takes note of one that was read.</summary>
    public void Read(in EventKey decision)
    {
        if (decision.IsUuid) _read.Add(BinaryPrimitives.ReadUInt128BigEndian(decision.Bytes));
    }

    /// <summary>False also for one that is not in the journal, and for no decision.</summary>
    /// <param name="at">The number of the last row that was read.</param>
    public bool Holds(in EventKey decision, long at)
    {
        if (decision.Bytes.IsEmpty || (decision.IsUuid && _read.Contains(BinaryPrimitives.ReadUInt128BigEndian(decision.Bytes)))) return false;
        if (!_find.Bind(0, decision).Step()) return false;
        var holds = _find.Int64(0) > at;
        _find.Reset();
        return holds;
    }

    public void Clear() => _read.Clear();

    public void Dispose() => _find.Dispose();
}

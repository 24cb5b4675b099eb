using System.Runtime.InteropServices;
using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Finds the decisions of a unit: every 1,024 rows the hashes of their units are written as one row, in the order of their numbers. Looking
/// through them is quick, and an index over hashes would change a page of its own for nearly every decision. The hashes of the rows after the last full
/// era are in the rows themselves.</summary>
/// <remarks>A number whose decision was removed may still be there: whoever finds it asks for the row. Hashes are stored in eight bytes, little end first; 0 where
/// no decision was.</remarks>
internal sealed class UnitEras(SqliteConnection connection) : IDisposable
{
    public const int Bits = 10, Rows = 1 << Bits;

    private readonly Statement _write = new(connection, "INSERT OR REPLACE INTO unit_eras VALUES (?1, ?2)");
    private readonly Statement _rows = new(connection, "SELECT seq, unit FROM decisions WHERE seq >= ?1 AND seq < ?2");
    private readonly long[] _units = new long[Rows];
    private long _era = -1;

    /// <summary>A decision that is in its table by now, in the order of their numbers.</summary>
    public void Add(long seq, long unit)
    {
        if (seq >> Bits != _era) Open(seq >> Bits);
        var place = (int)(seq & (Rows - 1));
        _units[place] = unit;
        if (place < Rows - 1) return;
        _write.Bind(0, _era).Bind(1, MemoryMarshal.AsBytes<long>(_units)).Run();
        _era = -1;
    }

    /// <summary>After a rollback or a removal: what is in memory may not be so.</summary>
    public void Forget() => _era = -1;

    public void Dispose()
    {
        _write.Dispose();
        _rows.Dispose();
    }

    /// <summary>The numbers of the unit's decisions, the newest first; of the latest so many eras where that is asked for.</summary>
    public static IEnumerable<long> Find(SqliteConnection connection, long unit, long eras = long.MaxValue)
    {
        var full = LastFull(connection);
        using (var open = new Statement(connection, "SELECT seq FROM decisions WHERE seq >= ?1 AND unit = ?2 ORDER BY seq DESC").Bind(0, (full + 1) << Bits).Bind(1, unit))
        {
            while (open.Step()) yield return open.Int64(0);
        }
        var found = new List<long>();
        using var rows = new Statement(connection, "SELECT era, units FROM unit_eras WHERE era <= ?1 AND era > ?2 ORDER BY era DESC").Bind(0, full).Bind(1, Math.Max(-1, full - eras));
        while (rows.Step())
        {
            found.Clear();
            AddPlaces(found, rows.Int64(0), MemoryMarshal.Cast<byte, long>(rows.Bytes(1)), unit);
            foreach (var seq in found) yield return seq;
        }
    }

    /// <summary>The units of the latest so many eras and of the open one.</summary>
    public static UnitFilter Latest(SqliteConnection connection, long eras)
    {
        var (filter, full) = (new UnitFilter(), LastFull(connection));
        using (var rows = new Statement(connection, "SELECT units FROM unit_eras WHERE era > ?1 ORDER BY era").Bind(0, full - eras))
        {
            while (rows.Step())
            {
                foreach (var unit in MemoryMarshal.Cast<byte, long>(rows.Bytes(0))) filter.Add(unit);
            }
        }
        using var open = new Statement(connection, "SELECT unit FROM decisions WHERE seq >= ?1").Bind(0, (full + 1) << Bits);
        while (open.Step()) filter.Add(open.Int64(0));
        return filter;
    }

    /// <summary>Takes the hash of a unit from the eras of these decisions.</summary>
    public static void Erase(SqliteConnection connection, IEnumerable<long> decisions)
    {
        using var read = new Statement(connection, "SELECT units FROM unit_eras WHERE era = ?1");
        using var write = new Statement(connection, "UPDATE unit_eras SET units = ?2 WHERE era = ?1");
        foreach (var era in decisions.GroupBy(seq => seq >> Bits))
        {
            if (!read.Bind(0, era.Key).Step()) continue;
            var units = MemoryMarshal.Cast<byte, long>(read.Bytes(0)).ToArray();
            read.Reset();
            foreach (var seq in era) units[seq & (Rows - 1)] = 0;
            write.Bind(0, era.Key).Bind(1, MemoryMarshal.AsBytes<long>(units)).Run();
        }
    }

    /// <summary>Drops the eras of which no decision is left.</summary>
    public static void Drop(SqliteConnection connection) =>
        EventFile.Execute(connection, $"DELETE FROM unit_eras WHERE NOT EXISTS (SELECT 1 FROM decisions WHERE seq BETWEEN era << {Bits} AND (era << {Bits}) + {Rows - 1})");

    private static long LastFull(SqliteConnection connection)
    {
        using var last = new Statement(connection, "SELECT ifnull(max(era), -1) FROM unit_eras");
        last.Step();
        var era = last.Int64(0);
        last.Reset();
        return era;
    }

    private static void AddPlaces(List<long> found, long era, ReadOnlySpan<long> units, long unit)
    {
        for (var at = units.LastIndexOf(unit); at >= 0; at = units[..at].LastIndexOf(unit)) found.Add((era << Bits) + at);
    }

    private void Open(long era)
    {
        Array.Clear(_units);
        _era = era;
        _rows.Bind(0, era << Bits).Bind(1, (era + 1) << Bits);
        while (_rows.Step()) _units[_rows.Int64(0) & (Rows - 1)] = _rows.Int64(1);
    }
}

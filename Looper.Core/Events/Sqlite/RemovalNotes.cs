using System.Text;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>The removals of whole decision points, and of what was simulated, that have not ended: a row each, as <see cref="ErasureNotes"/> has of erasures.</summary>
internal static class RemovalNotes
{
    // Files of earlier versions get it when they are opened; earlier versions do not look at it. No point: all that was simulated.
    public const string Table = """
        CREATE TABLE IF NOT EXISTS removals (
          id BLOB PRIMARY KEY, asked_by TEXT NOT NULL, point BLOB, decisions INTEGER NOT NULL, observations INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
        """;

    private const string All = "SELECT id, asked_by, point, decisions, observations, last FROM removals ORDER BY id";

    public static List<NotedRemoval> Read(SqliteConnection connection)
    {
        var noted = new List<NotedRemoval>();
        using var rows = new Statement(connection, All);
        while (rows.Step())
        {
            var order = rows.IsNull(2) ? RemovalOrder.OfSimulated() : RemovalOrder.OfPoint(new Guid(rows.Bytes(2), bigEndian: true));
            noted.Add(new(new Guid(rows.Bytes(0), bigEndian: true), Encoding.UTF8.GetString(rows.Bytes(1)), order, new(rows.Int64(3), rows.Int64(4)), rows.Int64(5)));
        }
        return noted;
    }

    /// <returns>What was removed before, where it was noted already, and up to which decision it goes: one that is asked for again takes what has come since.</returns>
    public static NotedRemoval Note(SqliteConnection connection, NotedRemoval removal)
    {
        using var add = new Statement(connection, """
            INSERT INTO removals VALUES (?1, ?2, ?3, 0, 0, (SELECT ifnull(max(seq), 0) FROM decisions)) ON CONFLICT (id) DO UPDATE SET last = excluded.last WHERE ?4
            """);
        add.Bind(0, Bytes(removal.Id)).BindText(1, Encoding.UTF8.GetBytes(removal.AskedBy)).Bind(3, removal.Last is null ? 1 : 0);
        (removal.Order.Point is { } point ? add.Bind(2, Bytes(point)) : add.BindNull(2)).Run();
        return Read(connection).Single(n => n.Id == removal.Id);
    }

    /// <param name="removed">By all steps up to this one.</param>
    public static void Count(SqliteConnection connection, Guid id, Removed removed)
    {
        using var count = new Statement(connection, "UPDATE removals SET decisions = ?2, observations = ?3 WHERE id = ?1");
        count.Bind(0, Bytes(id)).Bind(1, removed.Decisions).Bind(2, removed.Observations).Run();
    }

    public static void Drop(SqliteConnection connection, Guid id)
    {
        using var drop = new Statement(connection, "DELETE FROM removals WHERE id = ?1");
        drop.Bind(0, Bytes(id)).Run();
    }

    private static byte[] Bytes(Guid id) => id.ToByteArray(bigEndian: true);
}

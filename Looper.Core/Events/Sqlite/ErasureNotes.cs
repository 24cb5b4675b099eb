using System.Text;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>The erasures that have not ended, a row each, changed in the transactions that remove the rows they count.</summary>
internal static class ErasureNotes
{
    // Files of earlier versions get it when they are opened; earlier versions do not look at it.
    public const string Table = """
        CREATE TABLE IF NOT EXISTS erasures (
          id BLOB PRIMARY KEY, asked_by TEXT NOT NULL, keyed TEXT NOT NULL, unit INTEGER NOT NULL, digest TEXT NOT NULL,
          decisions INTEGER NOT NULL, observations INTEGER NOT NULL) STRICT;
        """;

    private const string All = "SELECT id, asked_by, keyed, unit, digest, decisions, observations FROM erasures ORDER BY id";

    public static List<NotedErasure> Read(SqliteConnection connection)
    {
        var noted = new List<NotedErasure>();
        using var rows = new Statement(connection, All);
        while (rows.Step())
        {
            var order = new RemovalOrder(RemovalKind.Unit, UnitHash: rows.Int64(3), UnitDigest: Text(rows, 4));
            noted.Add(new(new Guid(rows.Bytes(0), bigEndian: true), Text(rows, 1), Text(rows, 2), order, new(rows.Int64(5), rows.Int64(6))));
        }
        return noted;
    }

    /// <returns>What was removed before, where it was noted already.</returns>
    public static Removed Note(SqliteConnection connection, NotedErasure erasure)
    {
        using var add = new Statement(connection, "INSERT INTO erasures VALUES (?1, ?2, ?3, ?4, ?5, 0, 0) ON CONFLICT DO NOTHING");
        add.Bind(0, Bytes(erasure.Id)).BindText(1, Encoding.UTF8.GetBytes(erasure.AskedBy)).BindText(2, Encoding.UTF8.GetBytes(erasure.KeyedHash))
            .Bind(3, erasure.Order.UnitHash).BindText(4, Encoding.UTF8.GetBytes(erasure.Order.UnitDigest!)).Run();
        return Read(connection).Single(n => n.Id == erasure.Id).Removed;
    }

    /// <param name="removed">By all steps up to this one.</param>
    public static void Count(SqliteConnection connection, Guid id, Removed removed)
    {
        using var count = new Statement(connection, "UPDATE erasures SET decisions = ?2, observations = ?3 WHERE id = ?1");
        count.Bind(0, Bytes(id)).Bind(1, removed.Decisions).Bind(2, removed.Observations).Run();
    }

    public static void Drop(SqliteConnection connection, Guid id)
    {
        using var drop = new Statement(connection, "DELETE FROM erasures WHERE id = ?1");
        drop.Bind(0, Bytes(id)).Run();
    }

    private static byte[] Bytes(Guid id) => id.ToByteArray(bigEndian: true);

    private static string Text(Statement row, int column) => Encoding.UTF8.GetString(row.Bytes(column));
}

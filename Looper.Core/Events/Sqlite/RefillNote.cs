using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Notes that the observations here came back from a server: up to this row they lie in the server's order, not in that in which they were received.</summary>
internal sealed class RefillNote(SqliteConnection connection) : IRemoval
{
    // Files of earlier versions get it when they are opened; earlier versions do not look at it.
    public const string Table = "CREATE TABLE IF NOT EXISTS refilled (only INTEGER PRIMARY KEY CHECK (only = 1), up_to INTEGER NOT NULL) STRICT;";

    public Removed Total => default;

    public static long UpTo(SqliteConnection connection) => EventFile.Scalar(connection, "SELECT up_to FROM refilled");

    public bool Step()
    {
        EventFile.Execute(connection, "INSERT INTO refilled SELECT 1, coalesce(max(seq), 0) FROM observations WHERE true ON CONFLICT DO UPDATE SET up_to = excluded.up_to");
        return false;
    }
}

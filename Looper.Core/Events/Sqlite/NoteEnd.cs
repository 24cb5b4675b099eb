using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Takes away the note of an erasure whose receipt is stored.</summary>
internal sealed class ErasureEnd(SqliteConnection connection, Guid id) : IRemoval
{
    public Removed Total => default;

    public Guid? Forgets => null;

    public bool Step()
    {
        ErasureNotes.Drop(connection, id);
        return false;
    }
}

using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Takes away the note of an erasure whose receipt is stored, or of a removal that is in the audit.</summary>
internal sealed class NoteEnd(SqliteConnection connection, Guid id) : IRemoval
{
    public Removed Total => default;

    public bool Step()
    {
        ErasureNotes.Drop(connection, id);
        RemovalNotes.Drop(connection, id);
        return false;
    }
}

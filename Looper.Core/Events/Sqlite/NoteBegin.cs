using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Notes a removal that begins later.</summary>
internal sealed class NoteBegin(SqliteConnection connection, NotedRemoval noted) : IRemoval
{
    public Removed Total => default;

    public bool Step()
    {
        RemovalNotes.Note(connection, noted);
        return false;
    }
}

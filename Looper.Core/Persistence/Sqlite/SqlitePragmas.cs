using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Looper.Core.Persistence.Sqlite;

/// <summary>Sets every pragma on every opening, because pragmas are per connection and outlive their user in the pool.</summary>
/// <remarks>No connection checkpoints by itself: in SQLite before 3.51.3 a commit that resets the write-ahead log while another
/// connection checkpoints can lose pages. One task of the program does it while holding the write lock. What is deleted is overwritten: experiments name units in clear.</remarks>
internal sealed class SqlitePragmas : DbConnectionInterceptor
{
    internal const string Text = "PRAGMA wal_autocheckpoint=0; PRAGMA busy_timeout=5000; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Apply(connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Apply(connection); // SQLite has no asynchronous calls
        return Task.CompletedTask;
    }

    internal static void Apply(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Text;
        command.ExecuteNonQuery();
    }
}

using Npgsql;

namespace Looper.Core.Events.Postgres;

/// <summary>A table of events that rows are copied into, each once: straight, or, once an id was met that is there already, by way of a
/// temporary table that keeps only what is new. A transaction of it touches no other table of events, so two of them never wait for each other in a circle
/// that the server cannot see.</summary>
internal sealed class CopiedTable(NpgsqlDataSource source, string name, string columns)
{
    private static readonly TimeSpan s_copyWithin = TimeSpan.FromSeconds(20);

    private bool _mayRepeat;

    /// <summary>Keeps rows, and the position that they stand for, in one transaction.</summary>
    /// <param name="before">What must have ended well before it commits.</param>
    /// <param name="move">Moves the position.</param>
    public async Task KeepAsync(
        int rows, Func<CopyRows, Task> write, Task before, Func<NpgsqlConnection, NpgsqlTransaction, Task> move, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        if (!_mayRepeat && await KeepStraightAsync()) return;
        await using var transaction = await BeginAsync(connection, cancel);
        await ExecuteAsync(connection, transaction, $"CREATE TEMP TABLE IF NOT EXISTS new_{name} (LIKE {name}) ON COMMIT DELETE ROWS", cancel);
        await CopyAsync(connection, $"new_{name}", write, cancel);
        var kept = await ExecuteAsync(connection, transaction, $"INSERT INTO {name} ({columns}) SELECT {columns} FROM new_{name} ON CONFLICT DO NOTHING", cancel);
        await before;
        await move(connection, transaction);
        await transaction.CommitAsync(cancel);
        _mayRepeat = kept < rows;

        async Task<bool> KeepStraightAsync()
        {
            await using var straight = await BeginAsync(connection, cancel);
            try
            {
                await CopyAsync(connection, name, write, cancel);
            }
            catch (PostgresException repeated) when (repeated.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                return false; // Nothing of it was kept. Sent once already: by this journal before it was restored, or by another node.
            }
            await before;
            await move(connection, straight);
            await straight.CommitAsync(cancel);
            return true;
        }
    }

    // The position is in the transaction of its events, and is asked again before each batch: when the server crashes before it has flushed them,
    // both are gone there, and the journal sends them again. So no commit waits for the server's disk.
    private static async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var transaction = await connection.BeginTransactionAsync(cancel);
        await ExecuteAsync(connection, transaction, "SET LOCAL synchronous_commit = off", cancel);
        return transaction;
    }

    // Cut off in between, the transaction is undone.
    private async Task CopyAsync(NpgsqlConnection connection, string table, Func<CopyRows, Task> write, CancellationToken cancel)
    {
        await using var copy = await connection.BeginRawBinaryCopyAsync($"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)", cancel);
        copy.ReadTimeout = copy.WriteTimeout = (int)s_copyWithin.TotalMilliseconds;
        await write(new(copy));
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = PostgresStore.PatienceSeconds };
        return await command.ExecuteNonQueryAsync(cancel);
    }
}

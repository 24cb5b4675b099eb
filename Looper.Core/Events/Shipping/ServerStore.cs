using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Looper.Core.Events.Shipping;

/// <summary>The copy of the journals on a database server: each event once, by its id, whichever node sent it and however often.</summary>
public abstract class ServerStore : IAsyncDisposable
{
    /// <summary>Of the tables here; kept in <c>event_store</c>.</summary>
    public const int Version = 3;

    private const int LongRows = 2; // the same tables, longer payloads and served rows, which are read as well

    /// <summary>Held by each transaction that removes, and shared by what keeps a batch in more than one.</summary>
    internal const string RemovalLock = "looper-removal";

    private const int PageRows = 5_000;

    internal const string DecisionColumns = "id, point, decided_ticks, unit_hash, marks, option_index, reason, payload";
    internal const string ObservationColumns = "id, decision, unit_hash, happened_ticks, received_ticks, marks, outcome, observed_value, payload";

    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Shown as the tag <c>store</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The statements that make the tables and indexes; safe to run where some or all are there.</summary>
    public abstract string Schema { get; }

    /// <summary>Asks how many of them are not there, by the schema that the account looks into.</summary>
    protected abstract string Missing { get; }

    /// <summary>Makes the tables where they are missing, which an account that only reads and writes need not be allowed to.</summary>
    /// <exception cref="InvalidDataException">A newer Looper made them, or one from before the first release.</exception>
    public async Task OpenAsync(CancellationToken cancel)
    {
        await using var connection = await ConnectAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await LockAsync(connection, transaction, "looper-events", (int)Patience.TotalSeconds, cancel);
        await using (var missing = Command(connection, transaction, Missing))
        {
            // PostgreSQL asks for the right to create even where it has nothing to.
            if (Convert.ToInt64(await missing.ExecuteScalarAsync(cancel), CultureInfo.InvariantCulture) > 0) await ExecuteAsync(connection, transaction, Schema, cancel);
        }
        await using var ask = Command(connection, transaction, "SELECT max(version) FROM event_store");
        var version = (int)(await ask.ExecuteScalarAsync(cancel))!;
        if (version is not (Version or LongRows))
        {
            throw new InvalidDataException(version > Version
                ? $"The events on the server have version {version}, this Looper knows up to {Version}. Start the newer Looper."
                : $"The events on the server have version {version}, from before the first release, and cannot be read. Drop the tables decisions, observations, shipments and event_store there: each journal sends again what it still holds, and what is older is lost with them.");
        }
        if (version != Version) await ExecuteAsync(connection, transaction, $"UPDATE event_store SET version = {Version}", cancel);
        await transaction.CommitAsync(cancel);
    }

    /// <summary>How far a node's journal is here; zero for one that never sent anything.</summary>
    public async Task<ShippedTo> PositionAsync(Guid node, CancellationToken cancel)
    {
        await using var connection = await ConnectAsync(cancel);
        await using var ask = Command(connection, null, "SELECT decisions, observations FROM shipments WHERE node = @node", ("@node", node));
        await using var row = await ask.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? new(row.GetInt64(0), row.GetInt64(1)) : default;
    }

    /// <summary>Keeps the events that are not here yet, each kind with its part of the node's position in one transaction; no observation before the decisions.</summary>
    public abstract Task KeepAsync(Guid node, EventBatch batch, ShippedTo reached, CancellationToken cancel);

    /// <summary>Removes what was removed from a journal, whichever node sent it; a second time there is nothing left to remove.</summary>
    public async Task<Removed> RemoveAsync(RemovalOrder order, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(order);
        await using var connection = await ConnectAsync(cancel);
        return await new ServerRemoval(connection, order, transaction => LockAsync(connection, transaction, RemovalLock, ServerRemoval.Patience, cancel), cancel).RunAsync();
    }

    /// <summary>Everything, decisions first, in batches; a bad row is left out and told.</summary>
    public async IAsyncEnumerable<(List<DecisionRecord> Decisions, List<ObservationRecord> Observations)> ReadAsync(
        CorruptRecords corrupt, [EnumeratorCancellation] CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(corrupt);
        await using var connection = await ConnectAsync(cancel);
        var read = 0L;
        await using (var rows = await AllAsync(connection, $"{DecisionColumns} FROM decisions", cancel))
        {
            for (var page = new List<DecisionRecord>(); await TakeAsync(page); page = []) yield return (page, []);

            async Task<bool> TakeAsync(List<DecisionRecord> page)
            {
                while (page.Count < PageRows && await rows.ReadAsync(cancel))
                {
                    read++;
                    if (EventBatch.Read(ReadDecision(rows, 0)) is { } record) page.Add(record);
                    else corrupt.Report("the server's decisions, as read", read);
                }
                return page.Count > 0;
            }
        }
        read = 0;
        await using (var rows = await AllAsync(connection, $"{ObservationColumns} FROM observations", cancel))
        {
            for (var page = new List<ObservationRecord>(); await TakeAsync(page); page = []) yield return ([], page);

            async Task<bool> TakeAsync(List<ObservationRecord> page)
            {
                while (page.Count < PageRows && await rows.ReadAsync(cancel))
                {
                    read++;
                    if (EventBatch.Read(ReadObservation(rows, 0)) is { } record) page.Add(record);
                    else corrupt.Report("the server's observations, as read", read);
                }
                return page.Count > 0;
            }
        }
    }

    public abstract ValueTask DisposeAsync();

    protected abstract Task<DbConnection> ConnectAsync(CancellationToken cancel);

    /// <param name="seconds">To wait for it.</param>
    protected abstract Task LockAsync(DbConnection connection, DbTransaction transaction, string name, int seconds, CancellationToken cancel);

    protected static async Task MoveAsync(DbConnection connection, DbTransaction transaction, Guid node, ShippedTo reached, CancellationToken cancel)
    {
        (string, object)[] with = [("@node", node), ("@decisions", reached.Decisions), ("@observations", reached.Observations)];
        await using var move = Command(connection, transaction, "UPDATE shipments SET decisions = @decisions, observations = @observations WHERE node = @node", with);
        if (await move.ExecuteNonQueryAsync(cancel) > 0) return;
        await using var begin = Command(connection, transaction, "INSERT INTO shipments (node, decisions, observations) VALUES (@node, @decisions, @observations)", with);
        await begin.ExecuteNonQueryAsync(cancel);
    }

    protected static async Task ExecuteAsync(DbConnection connection, DbTransaction transaction, string sql, CancellationToken cancel)
    {
        await using var command = Command(connection, transaction, sql);
        await command.ExecuteNonQueryAsync(cancel);
    }

    internal static DecisionRow ReadDecision(DbDataReader rows, int from) => new(
        (byte[])rows[from], rows.GetGuid(from + 1), rows.GetInt64(from + 2), rows.GetInt64(from + 3), rows.GetInt16(from + 4), rows.GetInt32(from + 5), rows.GetInt16(from + 6), (byte[])rows[from + 7]);

    internal static ObservationRow ReadObservation(DbDataReader rows, int from) => new(
        (byte[])rows[from], (byte[])rows[from + 1], rows.GetInt64(from + 2), rows.GetInt64(from + 3), rows.GetInt64(from + 4), rows.GetInt16(from + 5), rows.GetString(from + 6),
        rows.GetDouble(from + 7), (byte[])rows[from + 8]);

    internal static DbCommand Command(DbConnection connection, DbTransaction? transaction, string sql, params (string Name, object Value)[] with)
    {
        var command = connection.CreateCommand();
        (command.CommandText, command.Transaction, command.CommandTimeout) = (sql, transaction, (int)Patience.TotalSeconds);
        foreach (var (name, value) in with)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        return command;
    }

    // One statement from end to end: the rows come as the server has them, and none twice.
    private static async Task<DbDataReader> AllAsync(DbConnection connection, string what, CancellationToken cancel)
    {
        await using var all = Command(connection, null, $"SELECT {what}");
        return await all.ExecuteReaderAsync(CommandBehavior.Default, cancel);
    }
}

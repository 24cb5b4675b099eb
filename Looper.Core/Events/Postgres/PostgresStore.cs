using System.Data.Common;
using Looper.Core.Events.Shipping;
using Npgsql;

namespace Looper.Core.Events.Postgres;

/// <summary>Events in PostgreSQL, written by binary COPY: straight into the tables, or, once an id was met that is there already, by
/// way of temporary ones that keep only what is new.</summary>
public sealed class PostgresStore(string connectionString) : ServerStore
{
    private static readonly TimeSpan s_copyWithin = TimeSpan.FromSeconds(20);

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(connectionString);
    private bool _mayRepeat;

    public override string Name => "postgres";

    // Wide columns first: none is padded. Ids of decisions and the observations of one are near the end of their index, and the index by point
    // and time holds a line for every megabyte, so an append costs the same however much is stored; only the one by unit is touched all over.
    protected override string Schema => """
        CREATE TABLE IF NOT EXISTS event_store (version int PRIMARY KEY);
        INSERT INTO event_store SELECT 2 WHERE NOT EXISTS (SELECT 1 FROM event_store);
        CREATE TABLE IF NOT EXISTS decisions (
          point uuid NOT NULL, decided_ticks bigint NOT NULL, unit_hash bigint NOT NULL, option_index int NOT NULL, marks smallint NOT NULL, reason smallint NOT NULL,
          id bytea PRIMARY KEY, payload bytea NOT NULL);
        CREATE INDEX IF NOT EXISTS decisions_point_time ON decisions USING brin (point, decided_ticks) WITH (autosummarize = on);
        CREATE TABLE IF NOT EXISTS observations (
          unit_hash bigint NOT NULL, happened_ticks bigint NOT NULL, received_ticks bigint NOT NULL, observed_value double precision NOT NULL, marks smallint NOT NULL,
          decision bytea NOT NULL, id bytea NOT NULL, outcome text NOT NULL, payload bytea NOT NULL, PRIMARY KEY (decision, id));
        CREATE INDEX IF NOT EXISTS decisions_unit ON decisions (unit_hash);
        CREATE INDEX IF NOT EXISTS observations_unit ON observations (unit_hash) WHERE unit_hash <> 0;
        CREATE TABLE IF NOT EXISTS shipments (node uuid PRIMARY KEY, decisions bigint NOT NULL, observations bigint NOT NULL);
        """;

    public override async Task KeepAsync(Guid node, EventBatch batch, ShippedTo reached, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(batch);
        await using var connection = await _source.OpenConnectionAsync(cancel);
        try
        {
            if (!_mayRepeat)
            {
                await using var straight = await connection.BeginTransactionAsync(cancel);
                await DoNotWaitForDiskAsync(connection, straight, cancel);
                await CopyAsync(connection, batch, "decisions", "observations", cancel);
                await MoveAsync(connection, straight, node, reached, cancel);
                await straight.CommitAsync(cancel);
                return;
            }
        }
        catch (PostgresException repeated) when (repeated.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Nothing of it was kept. Sent once already: by this journal before it was restored, or by another node.
        }
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await DoNotWaitForDiskAsync(connection, transaction, cancel);
        await ExecuteAsync(connection, transaction, """
            CREATE TEMP TABLE IF NOT EXISTS new_decisions (LIKE decisions) ON COMMIT DELETE ROWS;
            CREATE TEMP TABLE IF NOT EXISTS new_observations (LIKE observations) ON COMMIT DELETE ROWS;
            """, cancel);
        await CopyAsync(connection, batch, "new_decisions", "new_observations", cancel);
        var kept = await InsertAsync(connection, transaction, "decisions", DecisionColumns, cancel) + await InsertAsync(connection, transaction, "observations", ObservationColumns, cancel);
        await MoveAsync(connection, transaction, node, reached, cancel);
        await transaction.CommitAsync(cancel);
        _mayRepeat = kept < batch.Rows;
    }

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    protected override async Task<DbConnection> ConnectAsync(CancellationToken cancel) => await _source.OpenConnectionAsync(cancel);

    protected override async Task LockAsync(DbConnection connection, DbTransaction transaction, string name, CancellationToken cancel)
    {
        await using var take = Command(connection, transaction, "SELECT pg_advisory_xact_lock(hashtextextended(@name, 0))", ("@name", name));
        await take.ExecuteNonQueryAsync(cancel);
    }

    private static async Task<int> InsertAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string table, string columns, CancellationToken cancel)
    {
        await using var insert = Command(connection, transaction, $"INSERT INTO {table} ({columns}) SELECT {columns} FROM new_{table} ON CONFLICT DO NOTHING");
        return await insert.ExecuteNonQueryAsync(cancel);
    }

    private static async Task CopyAsync(NpgsqlConnection connection, EventBatch batch, string decisions, string observations, CancellationToken cancel)
    {
        if (batch.Decisions.Count > 0)
        {
            await using var copy = await BeginAsync(connection, $"{decisions} ({DecisionColumns})", cancel);
            await new CopyRows(copy).WriteAsync(batch.Decisions, cancel);
        }
        if (batch.Observations.Count > 0)
        {
            await using var copy = await BeginAsync(connection, $"{observations} ({ObservationColumns})", cancel);
            await new CopyRows(copy).WriteAsync(batch.Observations, cancel);
        }
    }

    // Cut off in between, the transaction is undone.
    private static async Task<NpgsqlRawCopyStream> BeginAsync(NpgsqlConnection connection, string table, CancellationToken cancel)
    {
        var copy = await connection.BeginRawBinaryCopyAsync($"COPY {table} FROM STDIN (FORMAT BINARY)", cancel);
        copy.ReadTimeout = copy.WriteTimeout = (int)s_copyWithin.TotalMilliseconds;
        return copy;
    }

    // The position is in the transaction of its events, and is asked again before each batch: when the server crashes before it has flushed them,
    // both are gone there, and the journal sends them again. So no commit waits for the server's disk.
    private static Task DoNotWaitForDiskAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancel) =>
        ExecuteAsync(connection, transaction, "SET LOCAL synchronous_commit = off", cancel);
}

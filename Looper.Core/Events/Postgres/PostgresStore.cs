using System.Data.Common;
using Looper.Core.Events.Shipping;
using Npgsql;
using NpgsqlTypes;

namespace Looper.Core.Events.Postgres;

/// <summary>Events in PostgreSQL, written by binary COPY: straight into the tables, or, once an id was met that is there already, by
/// way of temporary ones that keep only what is new.</summary>
public sealed class PostgresStore(string connectionString) : ServerStore
{
    private static readonly TimeSpan s_copyWithin = TimeSpan.FromSeconds(20);

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(connectionString);
    private bool _mayRepeat;

    public override string Name => "postgres";

    protected override string Schema => """
        CREATE TABLE IF NOT EXISTS event_store (version int PRIMARY KEY);
        INSERT INTO event_store VALUES (1) ON CONFLICT DO NOTHING;
        CREATE TABLE IF NOT EXISTS decisions (
          seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id bytea NOT NULL UNIQUE, point uuid NOT NULL, decided_ticks bigint NOT NULL, unit_hash bigint NOT NULL,
          marks smallint NOT NULL, option_index int NOT NULL, reason smallint NOT NULL, payload bytea NOT NULL);
        CREATE INDEX IF NOT EXISTS decisions_point_time ON decisions (point, decided_ticks);
        CREATE TABLE IF NOT EXISTS observations (
          seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id bytea NOT NULL, decision bytea NOT NULL, unit_hash bigint NOT NULL, happened_ticks bigint NOT NULL,
          received_ticks bigint NOT NULL, marks smallint NOT NULL, outcome text NOT NULL, observed_value double precision NOT NULL, payload bytea NOT NULL, UNIQUE (decision, id));
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
        await ExecuteAsync(connection, transaction, """
            CREATE TEMP TABLE IF NOT EXISTS new_decisions (LIKE decisions) ON COMMIT DELETE ROWS;
            CREATE TEMP TABLE IF NOT EXISTS new_observations (LIKE observations) ON COMMIT DELETE ROWS;
            ALTER TABLE new_decisions ALTER seq DROP NOT NULL;
            ALTER TABLE new_observations ALTER seq DROP NOT NULL;
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
            await using var copy = await connection.BeginBinaryImportAsync($"COPY {decisions} ({DecisionColumns}) FROM STDIN (FORMAT BINARY)", cancel);
            copy.Timeout = s_copyWithin;
            foreach (var row in batch.Decisions)
            {
                await copy.StartRowAsync(cancel);
                await copy.WriteAsync(row.Id, NpgsqlDbType.Bytea, cancel);
                await copy.WriteAsync(row.Point, NpgsqlDbType.Uuid, cancel);
                await copy.WriteAsync(row.Time, NpgsqlDbType.Bigint, cancel);
                await copy.WriteAsync(row.Unit, NpgsqlDbType.Bigint, cancel);
                await copy.WriteAsync(row.Marks, NpgsqlDbType.Smallint, cancel);
                await copy.WriteAsync(row.Option, NpgsqlDbType.Integer, cancel);
                await copy.WriteAsync(row.Reason, NpgsqlDbType.Smallint, cancel);
                await copy.WriteAsync(row.Payload, NpgsqlDbType.Bytea, cancel);
            }
            await copy.CompleteAsync(cancel);
        }
        if (batch.Observations.Count == 0) return;
        await using var more = await connection.BeginBinaryImportAsync($"COPY {observations} ({ObservationColumns}) FROM STDIN (FORMAT BINARY)", cancel);
        more.Timeout = s_copyWithin;
        foreach (var row in batch.Observations)
        {
            await more.StartRowAsync(cancel);
            await more.WriteAsync(row.Id, NpgsqlDbType.Bytea, cancel);
            await more.WriteAsync(row.Decision, NpgsqlDbType.Bytea, cancel);
            await more.WriteAsync(row.Unit, NpgsqlDbType.Bigint, cancel);
            await more.WriteAsync(row.Time, NpgsqlDbType.Bigint, cancel);
            await more.WriteAsync(row.ReceivedAt, NpgsqlDbType.Bigint, cancel);
            await more.WriteAsync(row.Marks, NpgsqlDbType.Smallint, cancel);
            await more.WriteAsync(row.Outcome, NpgsqlDbType.Text, cancel);
            await more.WriteAsync(row.Value, NpgsqlDbType.Double, cancel);
            await more.WriteAsync(row.Payload, NpgsqlDbType.Bytea, cancel);
        }
        await more.CompleteAsync(cancel);
    }
}

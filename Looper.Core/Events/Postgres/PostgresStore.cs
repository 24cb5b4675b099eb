using System.Data.Common;
using Looper.Core.Events.Shipping;
using Npgsql;

namespace Looper.Core.Events.Postgres;

/// <summary>Events in PostgreSQL, written by binary COPY. The observations of a batch are copied beside its decisions, on a connection of their own, since a
/// server works on one connection with one processor; they are committed after them.</summary>
public sealed class PostgresStore : ServerStore
{
    private const int Connections = 3; // of a batch: its decisions, its observations, and the lock

    internal static readonly int PatienceSeconds = (int)Patience.TotalSeconds;

    private readonly NpgsqlDataSource _source;
    private readonly CopiedTable _decisions, _observations;

    public PostgresStore(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (settings.MaxPoolSize < Connections) settings.MaxPoolSize = Connections; // fewer would wait for each other
        _source = NpgsqlDataSource.Create(settings);
        (_decisions, _observations) = (new(_source, "decisions", DecisionColumns), new(_source, "observations", ObservationColumns));
    }

    public override string Name => "postgres";

    // Wide columns first: none is padded. Ids of decisions and the observations of one are near the end of their index, and the index by point
    // and time holds a line for every megabyte, so an append costs the same however much is stored; only the one by unit is touched all over.
    // Observations first: to look for an index locks its table, and who holds decisions while it waits for observations would be waited for in a circle by a batch,
    // whose observations wait here, unseen by the server, for its decisions.
    public override string Schema => """
        CREATE TABLE IF NOT EXISTS event_store (version int PRIMARY KEY);
        INSERT INTO event_store SELECT 3 WHERE NOT EXISTS (SELECT 1 FROM event_store);
        CREATE TABLE IF NOT EXISTS observations (
          unit_hash bigint NOT NULL, happened_ticks bigint NOT NULL, received_ticks bigint NOT NULL, observed_value double precision NOT NULL, marks smallint NOT NULL,
          decision bytea NOT NULL, id bytea NOT NULL, outcome text NOT NULL, payload bytea NOT NULL, PRIMARY KEY (decision, id));
        CREATE INDEX IF NOT EXISTS observations_unit ON observations (unit_hash) WHERE unit_hash <> 0;
        CREATE TABLE IF NOT EXISTS decisions (
          point uuid NOT NULL, decided_ticks bigint NOT NULL, unit_hash bigint NOT NULL, option_index int NOT NULL, marks smallint NOT NULL, reason smallint NOT NULL,
          id bytea PRIMARY KEY, payload bytea NOT NULL);
        CREATE INDEX IF NOT EXISTS decisions_point_time ON decisions USING brin (point, decided_ticks) WITH (autosummarize = on);
        CREATE INDEX IF NOT EXISTS decisions_unit ON decisions (unit_hash);
        CREATE TABLE IF NOT EXISTS shipments (node uuid PRIMARY KEY, decisions bigint NOT NULL, observations bigint NOT NULL);
        """;

    protected override string Missing => """
        SELECT count(*) FROM unnest(ARRAY['event_store', 'observations', 'observations_unit', 'decisions', 'decisions_point_time', 'decisions_unit', 'shipments']) AS needed
          WHERE to_regclass(needed) IS NULL
        """;

    public override async Task KeepAsync(Guid node, EventBatch batch, ShippedTo reached, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var (decisions, observations) = (batch.Decisions, batch.Observations);
        Task MoveAsync(NpgsqlConnection connection, NpgsqlTransaction transaction) => PostgresStore.MoveAsync(connection, transaction, node, reached, cancel);
        if (observations.Count == 0) await _decisions.KeepAsync(decisions.Count, to => to.WriteAsync(decisions, cancel), Task.CompletedTask, MoveAsync, cancel);
        else if (decisions.Count == 0) await _observations.KeepAsync(observations.Count, to => to.WriteAsync(observations, cancel), Task.CompletedTask, MoveAsync, cancel);
        else
        {
            await using var connection = await _source.OpenConnectionAsync(cancel);
            await using var both = await connection.BeginTransactionAsync(cancel); // writes nothing: it ends when both have ended
            await KeepRemovalsOutAsync(connection, both, cancel);
            var decided = Task.Run(() => _decisions.KeepAsync(
                decisions.Count, to => to.WriteAsync(decisions, cancel), Task.CompletedTask, (c, t) => MoveDecisionsAsync(c, t, node, reached, cancel), cancel), cancel);
            await Task.WhenAll(decided, _observations.KeepAsync(observations.Count, to => to.WriteAsync(observations, cancel), decided, MoveAsync, cancel));
        }
    }

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    protected override async Task<DbConnection> ConnectAsync(CancellationToken cancel) => await _source.OpenConnectionAsync(cancel);

    protected override async Task LockAsync(DbConnection connection, DbTransaction transaction, string name, int seconds, CancellationToken cancel)
    {
        await using var take = Command(connection, transaction, "SELECT pg_advisory_xact_lock(hashtextextended(@name, 0))", ("@name", name));
        take.CommandTimeout = seconds;
        await take.ExecuteNonQueryAsync(cancel);
    }

    // Any number of batches at once; what removes waits for them, and they for it.
    private static async Task KeepRemovalsOutAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        await using var share = Command(connection, transaction, "SELECT pg_advisory_xact_lock_shared(hashtextextended(@name, 0))", ("@name", RemovalLock));
        share.CommandTimeout = ServerRemoval.Patience;
        await share.ExecuteNonQueryAsync(cancel);
    }

    private static async Task MoveDecisionsAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Guid node, ShippedTo reached, CancellationToken cancel)
    {
        await using var move = Command(
            connection, transaction, "INSERT INTO shipments (node, decisions, observations) VALUES (@node, @decisions, 0) ON CONFLICT (node) DO UPDATE SET decisions = EXCLUDED.decisions",
            ("@node", node), ("@decisions", reached.Decisions));
        await move.ExecuteNonQueryAsync(cancel);
    }
}

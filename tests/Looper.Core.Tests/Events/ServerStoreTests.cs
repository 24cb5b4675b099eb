using Looper.Core.Events;
using Looper.Core.Events.Postgres;
using Looper.Core.Events.Shipping;
using Looper.Core.Events.SqlServer;
using Looper.Testing;
using Looper.Testing.Events;
using Looper.Testing.Servers;
using Npgsql;

namespace Looper.Core.Tests.Events;

public sealed class PostgresStoreTests() : ServerStoreContract(DatabaseKind.Postgres)
{
    protected override ServerStore StoreOf(string connectionString) => new PostgresStore(connectionString);

    // Counted by the server while the removal runs: what it scans in whole, and what it finds by an index.
    [Fact]
    public async Task S15_a_unit_is_erased_by_indexes_without_reading_a_table_from_end_to_end()
    {
        Assert.SkipWhen(ServerDatabases.Absent(DatabaseKind.Postgres) is not null, ServerDatabases.Absent(DatabaseKind.Postgres) ?? "");
        var connectionString = await ServerDatabases.CreateAsync(DatabaseKind.Postgres) + ";Pooling=false"; // a session that ends reports what it did
        await using var store = StoreOf(connectionString);
        await store.OpenAsync(default);
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using (var fill = source.CreateCommand("""
            INSERT INTO decisions (id, point, decided_ticks, unit_hash, marks, option_index, reason, payload)
              SELECT convert_to('d-' || i, 'UTF8'), '018f0000-0000-7000-8000-000000000001', i, i % 5000, 0, 0, 0, repeat('x', 100)::bytea FROM generate_series(1, 20000) i;
            INSERT INTO observations (id, decision, unit_hash, happened_ticks, received_ticks, marks, outcome, observed_value, payload)
              SELECT convert_to('o-' || i, 'UTF8'), CASE WHEN i % 4 = 0 THEN ''::bytea ELSE convert_to('d-' || i, 'UTF8') END, CASE WHEN i % 4 = 0 THEN i % 5000 ELSE 0 END, i, i, 0, 'purchase', 1, repeat('x', 100)::bytea FROM generate_series(1, 20000) i;
            ANALYZE decisions; ANALYZE observations;
            """)) await fill.ExecuteNonQueryAsync();
        (long Whole, long ByIndex) before = default, after = default;
        await Eventually.IsTrueAsync(async () => (before = await ScansAsync(source)).Whole > 0); // the indexes were built
        var removed = await store.RemoveAsync(RemovalOrder.OfUnit("anna") with { UnitHash = 2_000, Before = DateTimeOffset.MaxValue }, default);
        Assert.Equal((4, 4), (removed.Decisions, removed.Observations)); // bad records with its hash go too
        await Eventually.IsTrueAsync(async () => (after = await ScansAsync(source)).ByIndex >= before.ByIndex + 10);
        Assert.Equal(before.Whole, after.Whole);
    }

    // The two tables are written at once, each in its own transaction.
    [Theory, InlineData("decisions"), InlineData("observations")]
    public async Task When_one_table_cannot_be_written_no_observation_is_there_before_its_decision_and_later_each_event_is_there_once(string broken)
    {
        await using var source = await OpenAsync();
        await source.Journal.AppendAsync([.. Enumerable.Range(0, 50).Select(i => Recorded.Decision($"d-{i}"))], durable: true, default);
        await source.Journal.AppendAsync([.. Enumerable.Range(0, 50).Select(i => (ObservationRecord[])[Recorded.Observation($"o-{i}", $"d-{i}")])], default);
        await CountedAsync(source, new(50, 50)); // so that they go in one batch
        await using (var store = StoreOf(ConnectionString)) await store.OpenAsync(default);
        await ExecuteAsync($"ALTER TABLE {broken} ADD CONSTRAINT broken CHECK (substr(id, 2) <> convert_to('{broken[0]}-49', 'UTF8'))");
        await Assert.ThrowsAsync<PostgresException>(TryShipAsync);
        Assert.Equal(broken == "decisions" ? (0, 0) : (50, 0), await CountAsync());
        await ExecuteAsync($"ALTER TABLE {broken} DROP CONSTRAINT broken");
        await ShipAsync(source);
        Assert.Equal((50, 50), await CountAsync());
    }

    // Observations stop just before they are written, so that the decisions are committed and they are not.
    [Fact]
    public async Task S15_what_is_removed_while_a_batch_is_half_kept_takes_its_observations_too()
    {
        Assert.SkipWhen(ServerDatabases.Absent(DatabaseKind.Postgres) is not null, ServerDatabases.Absent(DatabaseKind.Postgres) ?? "");
        await using var source = await OpenAsync();
        await source.Journal.AppendAsync([.. Enumerable.Range(0, 50).Select(i => Recorded.Decision($"d-{i}", unit: i < 10 ? "anna" : "user-1"))], durable: true, default);
        await source.Journal.AppendAsync([.. Enumerable.Range(0, 50).Select(i => (ObservationRecord[])[Recorded.Observation($"o-{i}", $"d-{i}")])], default);
        await CountedAsync(source, new(50, 50));
        await using var store = StoreOf(ConnectionString);
        await store.OpenAsync(default);
        await ExecuteAsync("CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NEW; END'; CREATE TRIGGER hold BEFORE INSERT ON observations FOR EACH ROW EXECUTE FUNCTION hold()");
        await using var server = NpgsqlDataSource.Create(ConnectionString);
        await using var holder = await server.OpenConnectionAsync();
        await using (var hold = new NpgsqlCommand("SELECT pg_advisory_lock(7)", holder)) await hold.ExecuteNonQueryAsync();
        var shipped = TryShipAsync();
        await Eventually.IsTrueAsync(async () => await CountAsync() == (50, 0));
        var removed = store.RemoveAsync(RemovalOrder.OfUnit("anna") with { Before = DateTimeOffset.MaxValue }, default);
        await using (var waiting = server.CreateCommand("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"))
            await Eventually.IsTrueAsync(async () => removed.IsCompleted || (long)(await waiting.ExecuteScalarAsync())! == 2); // the batch for us, the removal for the batch
        await using (var release = new NpgsqlCommand("SELECT pg_advisory_unlock(7)", holder)) await release.ExecuteNonQueryAsync();
        await shipped;
        var counts = await removed;
        Assert.Equal((10, 10), (counts.Decisions, counts.Observations));
        Assert.Equal((40, 40), await CountAsync());
    }

    [Theory]
    [InlineData(1, "before the first release")]
    [InlineData(ServerStore.Version + 1, "Start the newer Looper")]
    public async Task Tables_of_another_version_are_refused_and_left_as_they_are(int version, string reason)
    {
        Assert.SkipWhen(ServerDatabases.Absent(DatabaseKind.Postgres) is not null, ServerDatabases.Absent(DatabaseKind.Postgres) ?? "");
        var connectionString = (await ServerDatabases.CreateAsync(DatabaseKind.Postgres))!;
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using (var make = source.CreateCommand($"CREATE TABLE event_store (version int PRIMARY KEY); INSERT INTO event_store VALUES ({version})")) await make.ExecuteNonQueryAsync();
        await using var store = StoreOf(connectionString);
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => store.OpenAsync(default));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        await using var tables = source.CreateCommand("SELECT count(*) FROM pg_tables WHERE tablename IN ('decisions', 'observations')");
        Assert.Equal(0L, await tables.ExecuteScalarAsync());
    }

    [Fact] // whoever made them ran the script
    public async Task An_account_that_may_not_make_tables_ships_to_those_that_are_there()
    {
        await using var source = await OpenAsync();
        await using (var store = StoreOf(ConnectionString)) await ExecuteAsync(store.Schema);
        var role = $"writer_{Guid.CreateVersion7():N}";
        await ExecuteAsync($"CREATE ROLE {role} LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO {role}; GRANT SELECT, INSERT, UPDATE, DELETE ON decisions, observations, shipments TO {role}; GRANT SELECT ON event_store TO {role}");
        await source.AddAsync(Recorded.Decision("d-1"), durable: true);
        await source.AddAsync(Recorded.Observation("o-1", "d-1"));
        await CountedAsync(source, new(1, 1));
        var restricted = new NpgsqlConnectionStringBuilder(ConnectionString) { Username = role, Password = null }.ToString();
        await using (var store = StoreOf(restricted))
        {
            using var shipper = Shipper(source, store);
            while (await shipper.ShipAsync(default)) { }
        }
        Assert.Equal((1, 1), await CountAsync());
        await ExecuteAsync("DROP TABLE shipments");
        await using var lacking = StoreOf(restricted);
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => lacking.OpenAsync(default))).SqlState);
    }

    [Fact]
    public async Task Tables_with_long_rows_are_taken_over()
    {
        Assert.SkipWhen(ServerDatabases.Absent(DatabaseKind.Postgres) is not null, ServerDatabases.Absent(DatabaseKind.Postgres) ?? "");
        var connectionString = (await ServerDatabases.CreateAsync(DatabaseKind.Postgres))!;
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using (var make = source.CreateCommand("CREATE TABLE event_store (version int PRIMARY KEY); INSERT INTO event_store VALUES (2)")) await make.ExecuteNonQueryAsync();
        await using var store = StoreOf(connectionString);
        await store.OpenAsync(default);
        await using var version = source.CreateCommand("SELECT version FROM event_store");
        Assert.Equal(ServerStore.Version, await version.ExecuteScalarAsync());
    }

    // A node that opens the tables meets a batch of another: the decisions of that must come through, since its observations wait for them where the server cannot see it.
    [Fact]
    public async Task Whoever_opens_the_tables_waits_for_observations_without_holding_decisions()
    {
        await using var source = await OpenAsync();
        await using var store = StoreOf(ConnectionString);
        await store.OpenAsync(default);
        await ExecuteAsync("DROP INDEX decisions_unit"); // something to make
        await using var connections = NpgsqlDataSource.Create(ConnectionString);
        await using var observing = await connections.OpenConnectionAsync();
        await using var held = await observing.BeginTransactionAsync();
        await using (var take = new NpgsqlCommand("LOCK TABLE observations IN ROW EXCLUSIVE MODE", observing, held)) await take.ExecuteNonQueryAsync();
        await using var opener = StoreOf(ConnectionString);
        var opening = opener.OpenAsync(default);
        await Eventually.IsTrueAsync(async () =>
        {
            await using var waiting = connections.CreateCommand("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'observations'::regclass");
            return (long)(await waiting.ExecuteScalarAsync())! > 0;
        });
        await using (var deciding = await connections.OpenConnectionAsync())
        {
            await using var decided = await deciding.BeginTransactionAsync();
            await using var write = new NpgsqlCommand("LOCK TABLE decisions IN ROW EXCLUSIVE MODE NOWAIT", deciding, decided);
            await write.ExecuteNonQueryAsync();
        }
        await held.RollbackAsync();
        await opening;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<(long Whole, long ByIndex)> ScansAsync(NpgsqlDataSource source)
    {
        await using var ask = source.CreateCommand("SELECT sum(seq_scan)::bigint, sum(idx_scan)::bigint FROM pg_stat_user_tables WHERE relname IN ('decisions', 'observations')");
        await using var row = await ask.ExecuteReaderAsync();
        await row.ReadAsync();
        return (row.GetInt64(0), row.GetInt64(1));
    }
}

/// <summary>No SQL Server can be installed here: these run where a connection string is given.</summary>
public sealed class SqlServerStoreTests() : ServerStoreContract(DatabaseKind.SqlServer)
{
    protected override ServerStore StoreOf(string connectionString) => new SqlServerStore(connectionString);
}

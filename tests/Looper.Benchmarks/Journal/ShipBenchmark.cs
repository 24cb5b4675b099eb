using System.Diagnostics;
using System.Globalization;
using Looper.Core;
using Looper.Core.Events;
using Looper.Core.Events.Postgres;
using Looper.Core.Events.Shipping;
using Looper.Testing;
using Looper.Testing.Events;
using Looper.Testing.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NpgsqlTypes;

namespace Looper.Benchmarks.Journal;

/// <summary>From a journal on disk to a real PostgreSQL, each event once; against binary COPY of the same rows, encoded beforehand, into tables
/// with the same columns.</summary>
internal static class ShipBenchmark
{
    public static async Task RunAsync(Arguments given)
    {
        var decisions = given.Number("decisions", 100_000);
        var indexed = given.Text("baseline", "heap") == "indexed";
        var batch = given.Number("batch", new ShippingOptions().BatchRows);
        await using var postgres = await PostgresServer.StartAsync();
        using var folder = new TemporaryDirectory();
        await Feed.FillAsync(folder.Path, decisions, 3, 1);
        var rows = Rows(folder.Path, batch);
        var sent = decisions * 4.0;
        var paired = await Paired.RunAsync("shipper, journal to PostgreSQL", $"binary COPY of the same rows, {(indexed ? "same indexes" : "no index")}", given.Number("rounds", 2),
            async () => sent / await ShipAsync(postgres, folder.Path, sent, batch), async () => sent / await CopyAsync(postgres, rows, indexed));
        Console.WriteLine(Paired.Head);
        Console.WriteLine(paired.Row("rows/s"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{decisions:N0} decisions with 3 observations each, batches of {batch:N0} rows."));
    }

    /// <summary>As the shipper sends them, encoded beforehand.</summary>
    private static List<EventBatch> Rows(string folder, int batch)
    {
        var corrupt = new CorruptRecords(NullLogger<CorruptRecords>.Instance);
        using var scan = new JournalScan(JournalOptions.In(folder), corrupt);
        var (batches, end) = (new List<EventBatch>(), scan.Reach());
        for (var at = default(ShippedTo); at != end;)
        {
            batches.Add(new());
            at = scan.Read(at, end, batch, batches[^1]);
        }
        return batches;
    }

    private static async Task<double> ShipAsync(PostgresServer postgres, string folder, double rows, int batch)
    {
        await using var store = new PostgresStore(await postgres.CreateDatabaseAsync());
        await store.OpenAsync(default);
        await using var open = new OpenJournal(folder);
        var ids = new Ids(TimeProvider.System);
        NodeFile.Renew(folder, ids);
        using var shipper = new JournalShipper(store, open.Journal, JournalOptions.In(folder), open.Corrupt, new() { BatchRows = batch }, ids, TimeProvider.System, NullLogger<JournalShipper>.Instance);
        GC.Collect();
        var started = Stopwatch.GetTimestamp();
        while (await shipper.ShipAsync(default)) { }
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return shipper.Condition.Shipped == rows ? seconds : throw new InvalidOperationException($"{shipper.Condition.Shipped} of {rows} rows were shipped.");
    }

    private static async Task<double> CopyAsync(PostgresServer postgres, List<EventBatch> batches, bool indexed)
    {
        await using var source = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await using var connection = await source.OpenConnectionAsync();
        await using (var make = source.CreateCommand($"""
            CREATE TABLE d (point uuid, ticks bigint, unit bigint, option int, marks smallint, reason smallint, id bytea NOT NULL {(indexed ? "PRIMARY KEY" : "")}, payload bytea);
            CREATE TABLE o (unit bigint, ticks bigint, received bigint, value double precision, marks smallint, decision bytea, id bytea NOT NULL, outcome text, payload bytea{(indexed ? ", PRIMARY KEY (decision, id)" : "")});
            {(indexed ? "CREATE INDEX ON d USING brin (point, ticks); CREATE INDEX ON d (unit);" : "")}
            """)) await make.ExecuteNonQueryAsync();
        GC.Collect();
        var started = Stopwatch.GetTimestamp();
        foreach (var batch in batches)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using (var copy = await connection.BeginBinaryImportAsync("COPY d (id, point, ticks, unit, marks, option, reason, payload) FROM STDIN (FORMAT BINARY)"))
            {
                foreach (var row in batch.Decisions)
                {
                    await copy.StartRowAsync();
                    await copy.WriteAsync(row.Id, NpgsqlDbType.Bytea);
                    await copy.WriteAsync(row.Point, NpgsqlDbType.Uuid);
                    await copy.WriteAsync(row.Time, NpgsqlDbType.Bigint);
                    await copy.WriteAsync(row.Unit, NpgsqlDbType.Bigint);
                    await copy.WriteAsync(row.Marks, NpgsqlDbType.Smallint);
                    await copy.WriteAsync(row.Option, NpgsqlDbType.Integer);
                    await copy.WriteAsync(row.Reason, NpgsqlDbType.Smallint);
                    await copy.WriteAsync(row.Payload, NpgsqlDbType.Bytea);
                }
                await copy.CompleteAsync();
            }
            await using (var copy = await connection.BeginBinaryImportAsync("COPY o (id, decision, unit, ticks, received, marks, outcome, value, payload) FROM STDIN (FORMAT BINARY)"))
            {
                foreach (var row in batch.Observations)
                {
                    await copy.StartRowAsync();
                    await copy.WriteAsync(row.Id, NpgsqlDbType.Bytea);
                    await copy.WriteAsync(row.Decision, NpgsqlDbType.Bytea);
                    await copy.WriteAsync(row.Unit, NpgsqlDbType.Bigint);
                    await copy.WriteAsync(row.Time, NpgsqlDbType.Bigint);
                    await copy.WriteAsync(row.ReceivedAt, NpgsqlDbType.Bigint);
                    await copy.WriteAsync(row.Marks, NpgsqlDbType.Smallint);
                    await copy.WriteAsync(row.Outcome, NpgsqlDbType.Text);
                    await copy.WriteAsync(row.Value, NpgsqlDbType.Double);
                    await copy.WriteAsync(row.Payload, NpgsqlDbType.Bytea);
                }
                await copy.CompleteAsync();
            }
            await transaction.CommitAsync();
        }
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}

using System.Data;
using System.Data.Common;
using Looper.Core.Events.Shipping;
using Microsoft.Data.SqlClient;

namespace Looper.Core.Events.SqlServer;

/// <summary>Events in SQL Server, written by bulk copy into temporary tables that keep only what is new.</summary>
public sealed class SqlServerStore(string connectionString) : ServerStore
{
    internal const string Tables = """
        IF OBJECT_ID(N'event_store') IS NULL
        BEGIN
          CREATE TABLE event_store (version int NOT NULL PRIMARY KEY);
          INSERT INTO event_store (version) VALUES (3);
        END;
        IF OBJECT_ID(N'decisions') IS NULL
        BEGIN
          CREATE TABLE decisions (
            seq bigint IDENTITY NOT NULL PRIMARY KEY, id varbinary(800) NOT NULL CONSTRAINT decisions_id UNIQUE, point uniqueidentifier NOT NULL, decided_ticks bigint NOT NULL,
            unit_hash bigint NOT NULL, marks smallint NOT NULL, option_index int NOT NULL, reason smallint NOT NULL, payload varbinary(max) NOT NULL);
          CREATE INDEX decisions_point_time ON decisions (point, decided_ticks);
        END;
        IF OBJECT_ID(N'observations') IS NULL
          CREATE TABLE observations (
            seq bigint IDENTITY NOT NULL PRIMARY KEY, id varbinary(800) NOT NULL, decision varbinary(800) NOT NULL, unit_hash bigint NOT NULL, happened_ticks bigint NOT NULL,
            received_ticks bigint NOT NULL, marks smallint NOT NULL, outcome nvarchar(256) NOT NULL, observed_value float NOT NULL, payload varbinary(max) NOT NULL,
            CONSTRAINT observations_id UNIQUE (decision, id));
        IF INDEXPROPERTY(OBJECT_ID(N'decisions'), N'decisions_unit', 'IndexID') IS NULL CREATE INDEX decisions_unit ON decisions (unit_hash);
        IF INDEXPROPERTY(OBJECT_ID(N'observations'), N'observations_unit', 'IndexID') IS NULL CREATE INDEX observations_unit ON observations (unit_hash) WHERE unit_hash <> 0;
        IF OBJECT_ID(N'shipments') IS NULL
          CREATE TABLE shipments (node uniqueidentifier NOT NULL PRIMARY KEY, decisions bigint NOT NULL, observations bigint NOT NULL);
        """;

    internal const string MissingTables = """
        SELECT COUNT(*) FROM (VALUES
          (OBJECT_ID(N'event_store')), (OBJECT_ID(N'decisions')), (OBJECT_ID(N'observations')), (OBJECT_ID(N'shipments')),
          (INDEXPROPERTY(OBJECT_ID(N'decisions'), N'decisions_unit', 'IndexID')), (INDEXPROPERTY(OBJECT_ID(N'observations'), N'observations_unit', 'IndexID'))) AS needed (id)
          WHERE id IS NULL
        """;

    internal const string NewTables = $"""
        SELECT {DecisionColumns} INTO #new_decisions FROM decisions WHERE 1 = 0;
        SELECT {ObservationColumns} INTO #new_observations FROM observations WHERE 1 = 0;
        """;

    internal const string KeepNew = $"""
        INSERT INTO decisions ({DecisionColumns}) SELECT {DecisionColumns} FROM #new_decisions AS n
          WHERE NOT EXISTS (SELECT 1 FROM decisions AS d WITH (UPDLOCK, HOLDLOCK) WHERE d.id = n.id);
        INSERT INTO observations ({ObservationColumns}) SELECT {ObservationColumns} FROM #new_observations AS n
          WHERE NOT EXISTS (SELECT 1 FROM observations AS o WITH (UPDLOCK, HOLDLOCK) WHERE o.decision = n.decision AND o.id = n.id);
        DROP TABLE #new_decisions;
        DROP TABLE #new_observations;
        """;

    public override string Name => "sqlserver";

    public override string Schema => Tables;

    protected override string Missing => MissingTables;

    public override async Task KeepAsync(Guid node, EventBatch batch, ShippedTo reached, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(batch);
        await using var connection = new SqlConnection(connectionString);
        await connection.OpenAsync(cancel);
        await using var transaction = (SqlTransaction)await connection.BeginTransactionAsync(cancel);
        await ExecuteAsync(connection, transaction, NewTables, cancel);
        await CopyAsync(connection, transaction, "#new_decisions", Decisions(batch), cancel);
        await CopyAsync(connection, transaction, "#new_observations", Observations(batch), cancel);
        await ExecuteAsync(connection, transaction, KeepNew, cancel);
        await MoveAsync(connection, transaction, node, reached, cancel);
        await transaction.CommitAsync(cancel);
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override async Task<DbConnection> ConnectAsync(CancellationToken cancel)
    {
        var connection = new SqlConnection(connectionString);
        await connection.OpenAsync(cancel);
        return connection;
    }

    protected override async Task LockAsync(DbConnection connection, DbTransaction transaction, string name, int seconds, CancellationToken cancel)
    {
        await using var take = Command(connection, transaction, "DECLARE @answer int; EXEC @answer = sp_getapplock @Resource = @name, @LockMode = 'Exclusive', @LockOwner = 'Transaction'; SELECT @answer", ("@name", name));
        take.CommandTimeout = seconds;
        Got(name, await take.ExecuteScalarAsync(cancel));
    }

    /// <summary>Below 0 the lock was not got, and no error says so: -1 in time, -2 cancelled, -3 the victim of a deadlock, -999 asked for wrongly.</summary>
    internal static void Got(string name, object? answer)
    {
        if (answer is not >= 0) throw new TimeoutException($"The lock '{name}' was not got: sp_getapplock answered {answer}.");
    }

    private static async Task CopyAsync(SqlConnection connection, SqlTransaction transaction, string table, DataTable rows, CancellationToken cancel)
    {
        if (rows.Rows.Count == 0) return;
        using var copy = new SqlBulkCopy(connection, SqlBulkCopyOptions.Default, transaction) { DestinationTableName = table, BulkCopyTimeout = (int)Patience.TotalSeconds };
        foreach (DataColumn column in rows.Columns) copy.ColumnMappings.Add(column.ColumnName, column.ColumnName);
        await copy.WriteToServerAsync(rows, cancel);
    }

    private static DataTable Decisions(EventBatch batch)
    {
        var table = Table(DecisionColumns, typeof(byte[]), typeof(Guid), typeof(long), typeof(long), typeof(short), typeof(int), typeof(short), typeof(byte[]));
        foreach (var d in batch.Decisions) table.Rows.Add(d.Id.ToArray(), d.Point, d.Time, d.Unit, d.Marks, d.Option, d.Reason, d.Payload.ToArray());
        return table;
    }

    private static DataTable Observations(EventBatch batch)
    {
        var table = Table(ObservationColumns, typeof(byte[]), typeof(byte[]), typeof(long), typeof(long), typeof(long), typeof(short), typeof(string), typeof(double), typeof(byte[]));
        foreach (var o in batch.Observations) table.Rows.Add(o.Id.ToArray(), o.Decision.ToArray(), o.Unit, o.Time, o.ReceivedAt, o.Marks, o.Outcome, o.Value, o.Payload.ToArray());
        return table;
    }

    private static DataTable Table(string columns, params Type[] types)
    {
        var table = new DataTable { Locale = System.Globalization.CultureInfo.InvariantCulture };
        foreach (var (name, type) in columns.Split(", ").Zip(types)) table.Columns.Add(name, type);
        return table;
    }
}

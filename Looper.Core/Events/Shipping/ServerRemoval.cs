using System.Data.Common;

namespace Looper.Core.Events.Shipping;

/// <summary>Follows one removal on a server, in transactions of a decision point or a unit each. Cut off, it is begun again.</summary>
/// <param name="aloneAsync">Returns when no batch is half kept, and until the transaction ends none begins: its decisions would go, and its observations come.</param>
internal sealed class ServerRemoval(DbConnection connection, RemovalOrder order, Func<DbTransaction, Task> aloneAsync, CancellationToken cancel)
{
    /// <summary>Seconds: it may be most of what is there.</summary>
    public const int Patience = 600;

    private Removed _total;

    public async Task<Removed> RunAsync()
    {
        switch (order.Kind)
        {
            case RemovalKind.Point:
                await DeleteAsync("point = @point AND decided_ticks < @before", null, ("@before", order.Before.UtcTicks), ("@point", order.Point!.Value));
                break;
            case RemovalKind.Simulated:
                await DeleteAsync("(marks & 1) = 1 AND decided_ticks < @before", "(marks & 1) = 1 AND received_ticks < @before", ("@before", order.Before.UtcTicks));
                break;
            case RemovalKind.Unit:
                await EraseAsync();
                break;
            case RemovalKind.Old:
                await PurgeAsync(order.Old!);
                break;
            default:
                throw new NotSupportedException($"A newer Looper queued a removal of kind {order.Kind}. Start that one.");
        }
        return _total;
    }

    private async Task PurgeAsync(PurgeOrder old)
    {
        var points = new List<Guid>();
        await using (var ask = Command(null, "SELECT DISTINCT point FROM decisions")) // looks at every row
        await using (var rows = await ask.ExecuteReaderAsync(cancel))
        {
            while (await rows.ReadAsync(cancel)) points.Add(rows.GetGuid(0));
        }
        foreach (var point in points)
        {
            var before = old.PointsBefore.GetValueOrDefault(point, old.OthersBefore).UtcTicks;
            await DeleteAsync("point = @point AND decided_ticks < @before", null, ("@before", before), ("@point", point));
        }
        // Those of a unit have an empty decision, which is never there.
        await DeleteAsync(
            null, "received_ticks < @before AND NOT EXISTS (SELECT 1 FROM decisions WHERE decisions.id = observations.decision)", ("@before", old.OthersBefore.UtcTicks));
    }

    private async Task EraseAsync()
    {
        var decided = new List<byte[]>();
        await using (var ask = Command(null, $"SELECT {ServerStore.DecisionColumns} FROM decisions WHERE unit_hash = @unit AND decided_ticks < @before", ("@unit", order.UnitHash), ("@before", order.Before.UtcTicks)))
        await using (var rows = await ask.ExecuteReaderAsync(cancel))
        {
            while (await rows.ReadAsync(cancel))
            {
                var row = ServerStore.ReadDecision(rows, 0);
                if (EventBatch.Read(row) is not { } record || order.IsOf(record.Unit)) decided.Add(row.Id.ToArray()); // a bad record with its hash goes too
            }
        }
        var observed = new List<(byte[] Decision, byte[] Id)>();
        await using (var ask = Command(null, $"SELECT {ServerStore.ObservationColumns} FROM observations WHERE unit_hash = @unit AND unit_hash <> 0 AND received_ticks < @before", ("@unit", order.UnitHash), ("@before", order.Before.UtcTicks)))
        await using (var rows = await ask.ExecuteReaderAsync(cancel))
        {
            while (await rows.ReadAsync(cancel))
            {
                var row = ServerStore.ReadObservation(rows, 0);
                if (EventBatch.Read(row) is not { Unit: { } unit } || order.IsOf(unit)) observed.Add((row.Decision.ToArray(), row.Id.ToArray()));
            }
        }
        foreach (var id in decided) await DeleteAsync("id = @id", null, ("@id", id));
        foreach (var (decision, id) in observed) await DeleteAsync(null, "id = @id AND decision = @decision", ("@id", id), ("@decision", decision));
    }

    /// <summary>Decisions with the observations that name them, and <paramref name="others"/> among the observations; each by an index of its own,
    /// which one statement for both would not use.</summary>
    private async Task DeleteAsync(string? decisions, string? others, params (string, object)[] with)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await aloneAsync(transaction);
        async Task<int> RunAsync(string sql)
        {
            await using var command = Command(transaction, sql, with);
            return await command.ExecuteNonQueryAsync(cancel);
        }
        var (decided, observed) = (0, 0);
        if (others is not null) observed += await RunAsync($"DELETE FROM observations WHERE {others}");
        if (decisions is not null)
        {
            observed += await RunAsync($"DELETE FROM observations WHERE decision IN (SELECT id FROM decisions WHERE {decisions})");
            decided += await RunAsync($"DELETE FROM decisions WHERE {decisions}");
        }
        _total = new(_total.Decisions + decided, _total.Observations + observed);
        await transaction.CommitAsync(cancel);
    }

    private DbCommand Command(DbTransaction? transaction, string sql, params (string, object)[] with)
    {
        var command = ServerStore.Command(connection, transaction, sql, with);
        command.CommandTimeout = Patience;
        return command;
    }
}

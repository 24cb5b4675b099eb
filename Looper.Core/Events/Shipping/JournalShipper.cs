using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Looper.Core.Events.Shipping;

/// <param name="Lag">How long ago everything flushed was on the server; zero while it is.</param>
/// <param name="Backlog">Events that are flushed here and not there yet.</param>
/// <param name="Shipped">Events sent since start.</param>
/// <param name="Fault">Why the last attempt failed; null when it did not.</param>
public sealed record ShipperCondition(string Store, TimeSpan Lag, long Backlog, long Shipped, string? Fault);

/// <summary>Copies the journal to the server, in order, in bulk. The position is kept on the server in the transaction of the events it
/// stands for, so a cut, a crash or a reset anywhere leaves neither a gap nor a repeat. While one batch is sent the next is read. Nothing waits for it.</summary>
public sealed partial class JournalShipper : IDisposable
{
    private readonly ServerStore _store;
    private readonly Journal _source;
    private readonly JournalOptions _journal;
    private readonly CorruptRecords _corrupt;
    private readonly ShippingOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly string _folder;
    private readonly Ids _ids;
    private readonly RemovalFile _removals;
    private readonly BatchSize _size;
    private readonly ConcurrentStack<EventBatch> _spare = new(); // whose rows were sent
    private readonly Action _stopListening;
    private Guid _node;
    private bool _open, _failed;
    private long _behindSince, _backlog, _shipped, _shippedWhenBehind; // _behindSince: 0 while everything is there
    private ShippedTo _lastSeen;
    private string? _fault;
    private Task<Ahead>? _ahead;

    private sealed record Ahead(ShippedTo From, EventBatch Batch, ShippedTo Next);

    public JournalShipper(
        ServerStore store, Journal source, JournalOptions journal, CorruptRecords corrupt, ShippingOptions options, Ids ids, TimeProvider clock, ILogger<JournalShipper> log)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(source);
        (_store, _source, _journal, _corrupt, _options, _ids, _clock, _log) = (store, source, journal, corrupt, options, ids, clock, log);
        _folder = Path.GetDirectoryName(journal.Path)!;
        _removals = new(_folder);
        _size = new(options.BatchRows);
        _stopListening = _removals.Follow(source, clock); // a crash in between leaves an order that the next start follows
        _behindSince = clock.GetTimestamp();
    }

    public ShipperCondition Condition => new(
        _store.Name, Volatile.Read(ref _behindSince) is var since and not 0 ? _clock.GetElapsedTime(since) : TimeSpan.Zero,
        Volatile.Read(ref _backlog), Volatile.Read(ref _shipped), Volatile.Read(ref _fault));

    /// <summary>Ships until stopped; a failure is noted and tried again.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var wait = _options.Every;
            try
            {
                if (await ShipAsync(stop)) wait = TimeSpan.Zero;
                Volatile.Write(ref _fault, null);
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                (_open, _failed) = (false, true);
                _size.Failed();
                if (Interlocked.Exchange(ref _fault, fault.Message) is null) Failed(_log, _store.Name, fault);
                Measure();
                wait = _options.RetryAfter;
            }
            try
            {
                if (wait > TimeSpan.Zero) await Task.Delay(wait, _clock, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Sends one batch.</summary>
    /// <returns>Whether there is more.</returns>
    public async Task<bool> ShipAsync(CancellationToken cancel)
    {
        if (!_open) await OpenAsync(cancel);
        var ahead = await AheadAsync();
        if (await FollowRemovalsAsync(cancel)) ahead = null; // it may hold what was removed
        var (end, isCut) = Reach();
        var waits = isCut || _removals.HasRecent; // asked after the reach: what comes later is none of this batch's
        var at = await _store.PositionAsync(_node, cancel); // asked each time: whether a commit that was cut off came through, only the server knows
        if (end.Decisions < at.Decisions || end.Observations < at.Observations)
        {
            // An older copy of the journal lies here than the one that shipped.
            _node = NodeFile.Renew(_folder, _ids);
            (at, ahead) = (default, null);
        }
        _lastSeen = at;
        if (at == end)
        {
            CaughtUp();
            return false;
        }
        Behind(at.RowsTo(end));
        // What came since a removal began may stay here, and the order takes from the copy all that was decided before the removal ended: it goes there after the order.
        if (waits) return false;
        await _source.FlushAsync(cancel); // the number of a row that a power cut takes back is given again to another, which would then be skipped
        var (_, batch, next) = ahead is { } read && read.From == at ? read : Read(at, end);
        if (next != end) _ahead = Task.Run(() => Read(next, end), CancellationToken.None);
        await _store.KeepAsync(_node, batch, next, cancel);
        _size.Sent();
        _lastSeen = next;
        Interlocked.Add(ref _shipped, batch.Rows);
        _spare.Push(batch);
        Behind(next.RowsTo(end));
        if (next == end) CaughtUp();
        return next != end;
    }

    public void Dispose()
    {
        _stopListening();
        AheadAsync().GetAwaiter().GetResult(); // the journal closes without a reader
    }

    private async Task OpenAsync(CancellationToken cancel)
    {
        _node = NodeFile.Read(_folder, _ids);
        await _store.OpenAsync(cancel);
        _open = true;
    }

    private (ShippedTo End, bool IsCut) Reach()
    {
        using var scan = new JournalScan(_journal, _corrupt);
        return (scan.Reach(), scan.HasNotedRemoval());
    }

    private Ahead Read(ShippedTo from, ShippedTo end)
    {
        using var scan = new JournalScan(_journal, _corrupt);
        if (!_spare.TryPop(out var batch)) batch = new();
        return new(from, batch, scan.Read(from, end, _size.Rows, batch));
    }

    /// <summary>The batch that was read while the one before it was sent; null without one.</summary>
    private async Task<Ahead?> AheadAsync()
    {
        if (_ahead is not { } reading) return null;
        _ahead = null;
        try
        {
            return await reading.ConfigureAwait(false);
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
        {
            return null; // read again, where the fault is told
        }
    }

    /// <returns>Whether there was one.</returns>
    private async Task<bool> FollowRemovalsAsync(CancellationToken cancel)
    {
        var any = false;
        foreach (var order in _removals.Ended())
        {
            var removed = await _store.RemoveAsync(order, cancel);
            _removals.Followed(order.Number);
            any = true;
            if (removed != default) Removed(_log, _store.Name, order.Kind, removed.Decisions, removed.Observations);
        }
        return any;
    }

    /// <summary>How much waits, told while the server does not answer too.</summary>
    private void Measure()
    {
        try
        {
            var (end, _) = Reach();
            if (_lastSeen.RowsTo(end) is > 0 and var waiting) Behind(waiting);
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
        {
            // The journal cannot be read either, and says so itself.
        }
    }

    private void Behind(long rows)
    {
        Volatile.Write(ref _backlog, rows);
        if (_behindSince != 0) return;
        _shippedWhenBehind = _shipped;
        Volatile.Write(ref _behindSince, _clock.GetTimestamp());
    }

    private void CaughtUp()
    {
        Volatile.Write(ref _backlog, 0);
        _spare.Clear(); // what comes now and then needs no room of tens of thousands
        if (_behindSince == 0) return;
        var late = _clock.GetElapsedTime(_behindSince);
        Volatile.Write(ref _behindSince, 0);
        if (_failed) ToldCaughtUp(_log, _store.Name, _shipped - _shippedWhenBehind, late.TotalSeconds);
        _failed = false;
    }

    [LoggerMessage(1303, LogLevel.Information, "shipper.caught-up: {Store} has all events again, {Events} sent, after {Seconds:F0} s.", EventName = "shipper.caught-up")]
    private static partial void ToldCaughtUp(ILogger log, string store, long events, double seconds);

    [LoggerMessage(1308, LogLevel.Information, "shipper.removed: {Store} has followed a removal ({Kind}): {Decisions} decisions and {Observations} observations", EventName = "shipper.removed")]
    private static partial void Removed(ILogger log, string store, RemovalKind kind, long decisions, long observations);

    [LoggerMessage(1307, LogLevel.Warning, "shipper.failed: events could not be sent to {Store}. They wait in the journal, and are sent when it answers.", EventName = "shipper.failed")]
    private static partial void Failed(ILogger log, string store, Exception cause);
}

using System.Collections.Immutable;
using System.Data.Common;
using Looper.Core;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Looper.Web.Hosting;

/// <summary>
/// Keeps the serving snapshot in step with the database: rebuilt when a change is announced, and looked after every few
/// seconds for changes made elsewhere. While the database is away the last good snapshot serves on, from disk after a start.
/// </summary>
public sealed partial class SnapshotRefresher(
    SnapshotBuilder builder, ReadableModels readable, SnapshotFiles files, CompiledFiles compiledFiles, CompiledAhead ahead, DecisionEngine engine, ServedSnapshots served, Journal journal, LateDecisions late, DatabaseAvailability database, ChangeFeed changes,
    IOptions<ServingOptions> options, TimeProvider clock,
    ILogger<SnapshotRefresher> log) : BackgroundService
{
    private const int AtOnce = 64;

    /// <summary>Files that cannot be written in one look, before the rest waits for the next: on a full disk none can, and each costs a reading of the database.</summary>
    private const int MostFailures = 8;

    private readonly SemaphoreSlim _wake = new(0);
    private readonly SemaphoreSlim _one = new(1);
    private readonly Lock _gate = new();
    private TaskCompletionSource<bool>? _pending, _underWay;
    private ImmutableArray<PointPrint>? _prints;
    private readonly Dictionary<Guid, PointFile> _files = [];
    private readonly Dictionary<Guid, int> _unwritten = []; // serve, and their files hold something older; how often that was tried
    private bool _saved = true, _isListed = true;
    private DateTimeOffset _seenAt;
    private string? _unread;

    /// <summary>Ends when every change announced so far serves, or could not be read.</summary>
    public Task Settled
    {
        get
        {
            lock (_gate) return (_pending ?? _underWay)?.Task ?? Task.CompletedTask;
        }
    }

    /// <summary>Looks for what was changed elsewhere too.</summary>
    /// <returns>True once it serves; false where the database could not be read.</returns>
    public Task<bool> LookAsync()
    {
        Task<bool> looked;
        lock (_gate) looked = (_pending ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        _wake.Release();
        return looked;
    }

    /// <summary>Something serves before the first request is taken.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _seenAt = clock.GetUtcNow();
        if (!await RefreshAsync(cancellationToken)) StartFromDisk();
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = changes.Subscribe(Hear);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var timer = new CancellationTokenSource(options.Value.PollEvery, clock);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, timer.Token);
                await _wake.WaitAsync(either.Token);
            }
            catch (OperationCanceledException)
            {
                // time for another look, or to stop
            }
            if (stoppingToken.IsCancellationRequested) return;
            while (_wake.Wait(0, CancellationToken.None)) { } // one look serves all that was announced before it
            TaskCompletionSource<bool>? settled;
            lock (_gate) (settled, _underWay, _pending) = (_pending, _pending, null);
            var isRead = await RefreshAsync(stoppingToken);
            settled?.TrySetResult(isRead);
        }
    }

    /// <summary>Looks once; false when the database could not be read.</summary>
    public async Task<bool> RefreshAsync(CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            var started = clock.GetTimestamp();
            var prints = await builder.PrintsAsync(cancel);
            if (_prints is not { } last || !last.SequenceEqual(prints) || engine.Current.IsStale)
            {
                var readAt = clock.GetUtcNow();
                Publish(ServingSnapshot.Of(readAt, await CompileAsync(prints, cancel)), started);
                _prints = prints;
                SaveList(readAt, prints);
            }
            else if (_unwritten.Count > 0 || !_isListed) await SaveAgainAsync(prints, cancel);
            await late.ReadAsync(cancel);
            journal.Histories.Follow(engine.Current); // also when nothing changed: what could not be read is tried again
            _saved |= _unwritten.Count == 0 && _isListed;
            _seenAt = clock.GetUtcNow();
            database.Answered();
            _unread = null;
            return true;
        }
        catch (Exception fault) when (fault is DbException or DbUpdateException or InvalidOperationException or TimeoutException)
        {
            database.Failed(fault);
            DatabaseAway(fault);
            return false;
        }
        catch (Exception fault) when (fault is not OperationCanceledException) // serving must not end over what somebody wrote into a table
        {
            if (_unread != fault.Message) NotRead(log, fault);
            _unread = fault.Message;
            return false;
        }
        finally
        {
            _one.Release();
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        _one.Dispose();
        base.Dispose();
    }

    private void Hear(Change change)
    {
        if (change.Kind is not (ChangeKind.DecisionPoint or ChangeKind.Model or ChangeKind.Experiment)) return;
        lock (_gate) _pending ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        _wake.Release();
    }

    // Only what changed is read and compiled again, some at a time: a thousand models' bytes would fill the memory.
    private async Task<ImmutableArray<DecisionPointSnapshot>> CompileAsync(ImmutableArray<PointPrint> prints, CancellationToken cancel)
    {
        var known = (_prints ?? []).ToDictionary(p => p.Id, p => p.Print);
        var serving = engine.Current.Points.ToDictionary(p => p.Id);
        var compiled = new Dictionary<Guid, DecisionPointSnapshot>();
        foreach (var print in prints)
        {
            if (known.GetValueOrDefault(print.Id) == print.Print && serving.TryGetValue(print.Id, out var same)) compiled[print.Id] = same;
        }
        if (_prints is null)
        {
            foreach (var (file, point) in Unchanged(prints, await ahead.TakeAsync().WaitAsync(cancel))) (_files[point.Id], compiled[point.Id]) = (file, point);
        }
        var texts = prints.ToDictionary(p => p.Id, p => p.Print);
        foreach (var changed in prints.Where(p => !compiled.ContainsKey(p.Id)).Select(p => p.Id).Chunk(AtOnce))
        {
            var sources = await builder.ReadAsync(changed, cancel);
            foreach (var (source, point) in sources.AsParallel().AsOrdered().Select(s => (s, DecisionPointSnapshot.Compile(s))))
            {
                if (!point.HasUnreadableModel) readable.Fits(source.Id);
                var kept = point.HasUnreadableModel ? readable.Keep(source) : source;
                var serves = compiled[source.Id] = point.HasUnreadableModel ? DecisionPointSnapshot.Compile(kept) : point;
                _unwritten[source.Id] = 0;
                Try(() =>
                {
                    var file = SavePoint(kept, point.HasUnreadableModel ? PointFile.NoPrint : PointFile.PrintOf(texts[source.Id]));
                    compiledFiles.Save(file, kept, serves);
                });
            }
        }
        await readable.ReportAsync(compiled.Keys, cancel);
        return [.. prints.Where(p => compiled.ContainsKey(p.Id)).Select(p => compiled[p.Id])];
    }

    private PointFile SavePoint(PointSource source, string print)
    {
        var file = _files[source.Id] = files.SavePoint(source, print);
        _unwritten.Remove(source.Id);
        return file;
    }

    private void SaveList(DateTimeOffset readAt, ImmutableArray<PointPrint> prints)
    {
        served.Serve(_files.Values.Where(f => !_unwritten.ContainsKey(f.Id)));
        _isListed = Try(() => files.SaveList(readAt, [.. prints.Where(p => _files.ContainsKey(p.Id)).Select(p => _files[p.Id])]));
    }

    // A disk that was full has room again one day: read anew, for what is not on it is not kept in memory either.
    private async Task SaveAgainAsync(ImmutableArray<PointPrint> prints, CancellationToken cancel)
    {
        var readAt = clock.GetUtcNow();
        var failed = 0;
        foreach (var id in _unwritten.OrderBy(u => u.Value).Select(u => u.Key).ToList())
        {
            if (await builder.ReadAsync([id], cancel) is not [var source]) _unwritten.Remove(id);
            else if (!Try(() => SavePoint(readable.Keep(source), PointFile.NoPrint)))
            {
                _unwritten[id]++;
                if (++failed == MostFailures) break;
            }
        }
        SaveList(readAt, prints);
    }

    // At a start, what did not change since its file was written comes from there: a thousand models are read from files, side by side, faster than
    // from the database, and need not be written again.
    private ParallelQuery<(PointFile File, DecisionPointSnapshot Point)> Unchanged(ImmutableArray<PointPrint> prints, ReadAhead read) =>
        prints.Where(p => read.Files.TryGetValue(p.Id, out var file) && file.Print == PointFile.PrintOf(p.Print)).Select(p => read.Files[p.Id]).AsParallel().AsOrdered()
            .Select(file => (file, (read.Points.GetValueOrDefault(file.Id) ?? CompileAgain(file))!)).Where(found => found.Item2 is { HasUnreadableModel: false });

    // Another program wrote what it was compiled to, or nobody did.
    private DecisionPointSnapshot? CompileAgain(PointFile file)
    {
        if (files.Read(file) is not { } source) return null;
        var point = DecisionPointSnapshot.Compile(source);
        Try(() => compiledFiles.Save(file, source, point));
        return point;
    }

    private void Publish(ServingSnapshot next, long started)
    {
        foreach (var point in next.Points)
        {
            if (point.Fault is { } fault) PointBroken(log, point.Key, fault.Reason);
        }
        engine.Publish(next);
        Swapped(log, next.Points.Length, clock.GetElapsedTime(started).TotalMilliseconds);
    }

    private bool Try(Action save)
    {
        try
        {
            save();
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            if (_saved) NotSaved(log, fault); // once, until all are written
            return _saved = false;
        }
    }

    private void DatabaseAway(Exception fault)
    {
        if (engine.Current.IsStale || clock.GetUtcNow() - _seenAt < options.Value.StaleAfter) return;
        engine.Publish(engine.Current.Marked(isStale: true));
        Stale(log, fault);
    }

    private void StartFromDisk()
    {
        ahead.Forget(); // the database may be away for long
        var loaded = files.Load();
        foreach (var (file, why) in loaded.Rejected) Rejected(log, file, why.Reason);
        if (loaded.Source is { } source) engine.Publish(ServingSnapshot.Compile(source, isStale: true));
        journal.Histories.Follow(engine.Current);
        if (loaded.Source is null) return;
        FromDisk(log, loaded.Source.ReadAt, loaded.Source.Points.Length);
    }

    [LoggerMessage(1200, LogLevel.Information, "snapshot.swapped: {Points} decision points in {Milliseconds:F0} ms")]
    private static partial void Swapped(ILogger log, int points, double milliseconds);

    [LoggerMessage(1201, LogLevel.Error, "snapshot.rejected: {File} was set aside. {Why}")]
    private static partial void Rejected(ILogger log, string file, string why);

    [LoggerMessage(1202, LogLevel.Warning, "snapshot.stale: the database cannot be read, the last good snapshot serves on")]
    private static partial void Stale(ILogger log, Exception cause);

    [LoggerMessage(1203, LogLevel.Warning, "snapshot.stale: started from the snapshot of {ReadAt:u} with {Points} decision points")]
    private static partial void FromDisk(ILogger log, DateTimeOffset readAt, int points);

    [LoggerMessage(1206, LogLevel.Error, "snapshot.not-read: what changed could not be taken over, the last good snapshot serves on")]
    private static partial void NotRead(ILogger log, Exception cause);

    [LoggerMessage(1204, LogLevel.Error, "snapshot.point-broken: '{Point}' answers its default. {Why}")]
    private static partial void PointBroken(ILogger log, string point, string why);

    [LoggerMessage(1205, LogLevel.Warning, "snapshot.not-saved: the snapshot serves, but could not be written to disk")]
    private static partial void NotSaved(ILogger log, Exception cause);
}

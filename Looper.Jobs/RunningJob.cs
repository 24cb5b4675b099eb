using System.Collections.Concurrent;
using System.Data.Common;
using Looper.Core;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Looper.Jobs;

/// <summary>
/// A started run as its job sees it. <see cref="Report(string, double)"/> and <see cref="Say"/> only note; a pulse writes them, so a fit that
/// reports a thousand rounds a second costs one small transaction a second. The same pulse keeps the lease and hears of a
/// cancellation or of a newer start.
/// </summary>
public sealed class RunningJob : IAsyncDisposable
{
    private readonly JobRuns _runs;
    private readonly long _token;
    private readonly ConcurrentQueue<(DateTimeOffset At, string Text)> _lines = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _noPulse = new();
    private readonly IDisposable _heard;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly Task _pulse;
    private volatile Progress _progress;

    internal RunningJob(JobRuns runs, JobRun run)
    {
        _runs = runs;
        _token = run.Token;
        _progress = new(run.Phase, run.Percent, run.Detail);
        (Id, Kind, DecisionPointId, Subject, Input, RequestedAt, RequestedBy) = (run.Id, run.Kind, run.DecisionPointId, run.Subject, run.Input, run.RequestedAt, run.RequestedBy);
        _heard = runs.Changes.Subscribe(change =>
        {
            if (change.Kind == ChangeKind.Job && change.Id == Id) Wake();
        });
        _pulse = PulseAsync();
    }

    private sealed record Progress(string Phase, double Percent, string Detail);

    public Guid Id { get; }
    public string Kind { get; }
    public Guid? DecisionPointId { get; }
    public string Subject { get; }
    public string Input { get; }
    public DateTimeOffset RequestedAt { get; }
    public string RequestedBy { get; }

    /// <summary>Cancelled when a person cancels the run, or when another start has taken it over.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>Another start has the run; whatever this one still does changes nothing.</summary>
    public bool IsFenced { get; private set; }

    /// <param name="percent">0 to 100, of the whole run.</param>
    public void Report(string phase, double percent) => Report(phase, percent, "");

    /// <inheritdoc cref="Report(string, double)"/>
    /// <param name="detail">How far the phase is in its own units, and how fast; never logged.</param>
    public void Report(string phase, double percent, string detail)
    {
        if (_progress.Phase != phase)
        {
            Say(phase);
            _runs.Log.LogInformation(JobEvents.Phase, "job.phase {Run} {Phase}", Id, phase);
        }
        _progress = new(phase, percent, detail);
    }

    public void Say(string text) => _lines.Enqueue((_runs.Clock.GetUtcNow(), text));

    /// <summary>Saves what the job made and ends the run as done, in one transaction that names this start's token: when a newer
    /// start exists, or the run was cancelled, nothing at all is saved.</summary>
    /// <param name="write">Adds and changes rows, in that transaction; must not save. May run again when a row it read was changed meanwhile.</param>
    /// <param name="result">One sentence: what came out.</param>
    /// <returns>Whether it was saved.</returns>
    public async Task<bool> PublishAsync(Func<LooperDb, CancellationToken, Task> write, Func<string> result, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(result);
        await StopPulseAsync();
        for (var attempt = 1; ; attempt++)
        {
            await using var db = await _runs.Databases.CreateDbContextAsync(cancel);
            await using var transaction = await db.Database.BeginTransactionAsync(cancel);
            await write(db, cancel);
            var run = await HeldAsync(db, cancel);
            run.End(JobState.Done, result(), _runs.Clock.GetUtcNow());
            AddLines(db, [.. _lines, (_runs.Clock.GetUtcNow(), run.Result!)]);
            try
            {
                await db.SaveChangesAsync(cancel);
                await transaction.CommitAsync(cancel);
            }
            catch (DbUpdateConcurrencyException)
            {
                await transaction.DisposeAsync();
                if (!await IsHeldAsync(cancel)) return false;
                if (attempt == 5) throw;
                continue; // somebody promoted, retired or edited in between: decide again on what is there now
            }
            _lines.Clear();
            _runs.Log.LogInformation(JobEvents.Published, "job.published {Run} token {Token}", Id, _token);
            _runs.Changes.Announce(ChangeKind.Job, Id);
            return true;
        }
    }

    /// <summary>Ends the run without a result.</summary>
    internal async Task EndAsync(JobState state, string result, CancellationToken cancel)
    {
        await StopPulseAsync();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await TryEndAsync(state, result, cancel);
                return;
            }
            catch (DbUpdateConcurrencyException) when (attempt < 5)
            {
                // somebody cancelled it in between: end it as it is now
            }
        }
    }

    private async Task TryEndAsync(JobState state, string result, CancellationToken cancel)
    {
        await using var db = await _runs.Databases.CreateDbContextAsync(cancel);
        var run = await db.Set<JobRun>().SingleAsync(r => r.Id == Id, cancel);
        if (run.Token != _token || !run.IsOpen) return;
        if (state == JobState.Queued && run.State == JobState.Cancelling) (state, result) = (JobState.Cancelled, QueuedJob.CancelledOf(Kind)); // as asked, whatever ends it
        if (state == JobState.Queued) run.State = state;
        else run.End(state, result, _runs.Clock.GetUtcNow());
        AddLines(db, [.. _lines, (_runs.Clock.GetUtcNow(), result)]);
        await db.SaveChangesAsync(cancel);
        _runs.Changes.Announce(ChangeKind.Job, Id);
    }

    public async ValueTask DisposeAsync()
    {
        _heard.Dispose();
        await StopPulseAsync();
        _stop.Dispose();
        _noPulse.Dispose();
        _wake.Dispose();
    }

    /// <summary>The row as this start may change it: its token and a running state stand in the WHERE, whatever is stored now.</summary>
    private async Task<JobRun> HeldAsync(LooperDb db, CancellationToken cancel)
    {
        var run = await db.Set<JobRun>().SingleAsync(r => r.Id == Id, cancel);
        var entry = db.Entry(run);
        run.Token = _token;
        entry.Property(r => r.Token).OriginalValue = _token;
        entry.Property(r => r.State).OriginalValue = JobState.Running;
        return run;
    }

    private async Task<bool> IsHeldAsync(CancellationToken cancel)
    {
        await using var db = await _runs.Databases.CreateDbContextAsync(cancel);
        var run = await db.Set<JobRun>().AsNoTracking().SingleAsync(r => r.Id == Id, cancel);
        if (run.Token != _token) Fence(run.Token);
        else if (run.State != JobState.Running) await _stop.CancelAsync();
        return run.Token == _token && run.State == JobState.Running;
    }

    private void Fence(long newer)
    {
        if (IsFenced) return;
        IsFenced = true;
        _runs.Log.LogWarning(JobEvents.Fenced, "job.fenced {Run} token {Token} is older than {Newer}: nothing was changed", Id, _token, newer);
        _stop.Cancel();
    }

    private async Task PulseAsync()
    {
        while (!_noPulse.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(_runs.Options.Pulse, _noPulse.Token);
                await BeatAsync(_noPulse.Token);
            }
            catch (OperationCanceledException) when (_noPulse.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is DbException or DbUpdateException or TimeoutException or InvalidOperationException) // the last: a pool that gave up waiting
            {
                // The next beat tries again; if the lease is lost meanwhile, the token keeps this start from changing anything.
                _runs.Log.LogWarning(fault, "The progress of run {Run} could not be written.", Id);
            }
        }
    }

    private async Task BeatAsync(CancellationToken cancel)
    {
        await using var db = await _runs.Databases.CreateDbContextAsync(cancel);
        var run = await db.Set<JobRun>().SingleAsync(r => r.Id == Id, cancel);
        if (run.Token != _token)
        {
            Fence(run.Token);
            return;
        }
        if (run.State == JobState.Cancelling) await _stop.CancelAsync();
        else if (run.State != JobState.Running) return;
        var progress = _progress;
        var moved = progress != new Progress(run.Phase, run.Percent, run.Detail) || !_lines.IsEmpty;
        (run.Phase, run.Percent, run.Detail, run.HeartbeatAt) = (progress.Phase, progress.Percent, progress.Detail, _runs.Clock.GetUtcNow());
        var lines = _lines.ToArray();
        AddLines(db, lines);
        await db.SaveChangesAsync(cancel);
        for (var i = 0; i < lines.Length; i++) _lines.TryDequeue(out _);
        if (!moved) return;
        _runs.Changes.Announce(ChangeKind.JobProgress, Id);
    }

    private void AddLines(LooperDb db, IEnumerable<(DateTimeOffset At, string Text)> lines) =>
        db.AddRange(lines.Select(l => new JobLogLine { JobRunId = Id, At = l.At, Text = JobLogLine.Cut(l.Text) }));

    private void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0) _wake.Release();
        }
        catch (Exception raced) when (raced is SemaphoreFullException or ObjectDisposedException)
        {
            // Already awake, or already over.
        }
    }

    private async Task StopPulseAsync()
    {
        await _noPulse.CancelAsync();
        await _pulse;
    }
}

namespace Looper.Core.Events.Sqlite;

/// <summary>What the writer does between groups, one short step at a time: folding the log, removals, giving space back.</summary>
internal sealed class EventUpkeep(EventLog events, LogFold fold, JournalOptions options, TimeProvider clock)
{
    private const int PagesAtOnce = 250, MostLogs = 16;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5); // with readers that keep the log from being emptied

    private readonly Queue<Request> _requests = new();
    private IRemoval? _removal;
    private bool _shrinking, _emptying; // the rows of the first request are gone, and the log is to be emptied of them
    private int _incomplete; // pages that the last fold left behind
    private long _folded; // when it ended; 0 before the first
    private long _emptyingSince;

    public bool HasWork
    {
        get
        {
            lock (_requests) return fold.HasEnded || (!_emptying && (_requests.Count > 0 || _shrinking));
        }
    }

    /// <param name="emptiesLog">Nothing of what is removed may stay in the write-ahead log either.</param>
    /// <param name="removed">Called once the last row is gone, before anything more is appended.</param>
    public Task<Removed> AskAsync(Func<EventLog, IRemoval> what, bool emptiesLog, Action? removed, CancellationToken cancel)
    {
        var request = new Request(what, emptiesLog, removed, cancel);
        lock (_requests) _requests.Enqueue(request);
        return request.Answer.Task;
    }

    public void Step()
    {
        var hasFolded = Fold();
        if (_emptying && !hasFolded) return;
        if (_emptying) EmptyLog(Next()!);
        else if (Next() is { } request) Remove(request);
        else if (_shrinking) _shrinking = events.Shrink(PagesAtOnce);
    }

    public void RefuseAll()
    {
        lock (_requests)
        {
            while (_requests.TryDequeue(out var request)) request.Answer.TrySetException(new IOException("The journal cannot write; nothing more was removed. Try again."));
        }
        (_removal, _emptying) = (null, false);
    }

    // The writer's own part comes last: only it knows that nothing is written meanwhile. It waits for three flushes, so under much load folds are few. Where a reader
    // keeps the log from being folded, the next try comes when as much again has been written.
    private bool Fold()
    {
        if (fold.TakeEnd())
        {
            events.Checkpoint("PASSIVE");
            (_incomplete, _folded) = (events.LogPages, clock.GetTimestamp());
            return true;
        }
        if (events.LogPages - _incomplete is var pages && pages >= options.CheckpointPages
            && (_folded == 0 || pages >= MostLogs * options.CheckpointPages || clock.GetElapsedTime(_folded) >= options.FoldEvery))
        {
            fold.Ask();
        }
        return false;
    }

    private Request? Next()
    {
        lock (_requests) return _requests.TryPeek(out var next) ? next : null;
    }

    private void Remove(Request request)
    {
        if (request.Cancel.IsCancellationRequested)
        {
            End(() => request.Answer.TrySetCanceled(request.Cancel));
            return;
        }
        _removal ??= request.What(events);
        events.Begin();
        var more = _removal.Step();
        if (_removal.Forgets is { } id) events.Forget(id);
        events.Beat();
        events.Commit();
        if (more) return;
        request.Removed?.Invoke();
        events.Log.Run();
        if (request.EmptiesLog)
        {
            fold.Ask(); // beside the writer, which then has little left to copy; emptied while a fold is under way it would be refused
            (_emptying, _emptyingSince) = (true, clock.GetTimestamp());
        }
        else
        {
            Tell(request);
        }
    }

    private void EmptyLog(Request request)
    {
        if (events.EmptyLog())
        {
            (_emptying, _incomplete) = (false, 0);
            Tell(request);
            return;
        }
        if (clock.GetElapsedTime(_emptyingSince) < s_patience)
        {
            fold.Ask(); // and again when it has ended; appends go on meanwhile
            return;
        }
        _emptying = false;
        request.Answer.TrySetException(new IOException("A long reader keeps what was removed in the write-ahead log. Try again when it has ended."));
        End(() => { });
    }

    private void Tell(Request request)
    {
        var total = _removal!.Total;
        _shrinking = true;
        End(() => request.Answer.TrySetResult(total));
    }

    private void End(Action answer)
    {
        _removal = null;
        lock (_requests) _requests.Dequeue();
        answer();
    }

    private sealed record Request(Func<EventLog, IRemoval> What, bool EmptiesLog, Action? Removed, CancellationToken Cancel)
    {
        public TaskCompletionSource<Removed> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

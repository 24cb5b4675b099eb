namespace Looper.Client.Delivery;

/// <summary>Parcels of one kind from the moment they are taken until Looper has them, in order, with what became of them. Safe for several threads.</summary>
internal sealed class WaitingLine : IDisposable
{
    private static readonly TimeSpan s_saidEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly LinkedList<Parcel> _line = new();
    private readonly List<(long Upto, TaskCompletionSource Gone)> _flushes = [];
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Freight _freight;
    private readonly int _limit, _atOnce;
    private readonly Spool? _spool;
    private readonly WaitingLine? _before;
    private readonly TimeProvider _clock;
    private readonly Problems _problems;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _latest, _overflowSaidAt;
    private long _taken, _delivered, _refused, _overflow, _fallback, _invalid, _closed;

    /// <param name="freight">What they are.</param>
    /// <param name="limit">The most that may wait.</param>
    /// <param name="atOnce">As many are sent without waiting for more.</param>
    /// <param name="spool">Null keeps them in memory only.</param>
    /// <param name="before">What was taken there goes first; null for none.</param>
    public WaitingLine(Freight freight, int limit, int atOnce, Spool? spool, WaitingLine? before, TimeProvider clock, Problems problems)
    {
        (_freight, _limit, _atOnce, _spool, _before, _clock, _problems) = (freight, limit, atOnce, spool, before, clock, problems);
        OpenSpool();
    }

    /// <summary>There is a folder to keep them in, and it cannot be used for now.</summary>
    public bool LacksSpool
    {
        get
        {
            lock (_gate) return _spool is { IsOpen: false };
        }
    }

    /// <summary>Number of the parcel that was taken last; 0 before the first.</summary>
    private long Latest
    {
        get
        {
            lock (_gate) return _latest;
        }
    }

    /// <summary>Completes when nothing more is taken.</summary>
    public Task Closing => _closing.Task;

    public LooperCounters Counters
    {
        get
        {
            lock (_gate) return new(_taken, _delivered, _line.Count, new(_refused, _overflow, _fallback, _invalid, _closed));
        }
    }

    /// <returns>False after <see cref="Close"/>.</returns>
    public bool Take(byte[] json)
    {
        string? full, failed = null;
        OpenSpool();
        var after = _before?.Latest ?? 0;
        lock (_gate)
        {
            if (_closing.Task.IsCompleted)
            {
                _closed++;
                return false;
            }
            _taken++;
            _line.AddLast(new Parcel(++_latest, after, json, _spool?.Write(json, out failed)));
            full = DropOldest();
            if (_line.Count == 1 || _line.Count == _atOnce) Tell();
        }
        _problems.Say(ProblemKind.Spool, failed);
        _problems.Say(ProblemKind.Overflow, full);
        return true;
    }

    public void CountFallback()
    {
        lock (_gate) _fallback++;
    }

    public void CountInvalid(string problem)
    {
        lock (_gate) _invalid++;
        _problems.Say(ProblemKind.Invalid, problem);
    }

    /// <summary>The oldest, as many as fit.</summary>
    /// <param name="bytes">Room for them, each with a comma.</param>
    public List<LinkedListNode<Parcel>> Oldest(int most, int bytes)
    {
        var oldest = new List<LinkedListNode<Parcel>>();
        lock (_gate)
        {
            for (var next = _line.First; next is not null && oldest.Count < most && (bytes -= next.Value.Json.Length + 1) >= 0; next = next.Next) oldest.Add(next);
        }
        return oldest;
    }

    /// <summary>Takes those away whose fate is known; the others of them go on waiting.</summary>
    /// <param name="fates">One for each that was sent.</param>
    public void Settle(IReadOnlyList<LinkedListNode<Parcel>> sent, IReadOnlyList<Fate> fates)
    {
        lock (_gate)
        {
            for (var i = 0; i < sent.Count; i++)
            {
                if (fates[i] == Fate.Kept || sent[i].List is null) continue; // in no line: dropped meanwhile, for being the oldest
                if (fates[i] == Fate.Delivered) _delivered++;
                else _refused++;
                Remove(sent[i]);
            }
            EndFlushes();
        }
    }

    /// <summary>Whether the next request is to be made now, whoever may still come.</summary>
    public bool IsDue(out Task news)
    {
        lock (_gate)
        {
            news = _news.Task;
            return _line.Count >= _atOnce || _flushes.Count > 0 || _closing.Task.IsCompleted;
        }
    }

    public bool IsEmpty(out Task news)
    {
        lock (_gate)
        {
            news = _news.Task;
            return _line.Count == 0;
        }
    }

    /// <summary>Completes when all that were taken before this call wait no more.</summary>
    public Task GoneAsync() => GoneAsync(Latest);

    /// <summary>Completes when none waits up to this number, nor of those that an earlier client left.</summary>
    public Task GoneAsync(long upto)
    {
        lock (_gate)
        {
            if (!(_line.First?.Value.Number <= upto)) return Task.CompletedTask;
            var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _flushes.Add((upto, gone));
            Tell();
            return gone.Task;
        }
    }

    /// <summary>Nobody waits for this any more.</summary>
    public void Forget(Task gone)
    {
        lock (_gate) _flushes.RemoveAll(f => f.Gone.Task == gone);
    }

    /// <summary>Takes the directory of the spool where another process had it or its disk failed, with what was left there.</summary>
    public void OpenSpool()
    {
        string? problem, full;
        lock (_gate)
        {
            if (_spool is not { IsToBeOpened: true }) return;
            List<(byte[] Json, SpoolFile File)> left = [];
            problem = _spool.Open(left);
            for (var i = left.Count - 1; i >= 0; i--) _line.AddFirst(new Parcel(0, 0, left[i].Json, left[i].File));
            _taken += left.Count;
            full = DropOldest();
        }
        _problems.Say(ProblemKind.Spool, problem);
        _problems.Say(ProblemKind.Overflow, full);
    }

    /// <summary>Nothing is taken any more; what waits is due.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closing.TrySetResult();
            Tell();
        }
    }

    /// <summary>Counts what ends with the memory that it is in; what is on disk stays there.</summary>
    public void Dispose()
    {
        var lost = 0;
        lock (_gate)
        {
            var held = _line.Select(o => o.File).OfType<SpoolFile>().Distinct().Where(Spool.Holds).ToHashSet();
            for (var node = _line.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.File is not { } file || !held.Contains(file))
                {
                    _line.Remove(node);
                    lost++;
                }
                node = next;
            }
            _closed += lost;
            _spool?.Dispose();
        }
        if (lost > 0) _problems.Say(ProblemKind.Closed, $"The client was closed before they were delivered, so {lost} {_freight.Several} are lost.");
    }

    private string? DropOldest()
    {
        var before = _overflow;
        for (; _line.Count > _limit; _overflow++) Remove(_line.First!);
        if (_overflow == before) return null;
        EndFlushes();
        if (before > 0 && _clock.GetElapsedTime(_overflowSaidAt) < s_saidEvery) return null;
        _overflowSaidAt = _clock.GetTimestamp();
        return $"More than {_limit} {_freight.Several} wait, so the oldest are dropped: {_overflow} so far.";
    }

    private void Remove(LinkedListNode<Parcel> node)
    {
        _line.Remove(node);
        if (node.Value.File is { } file) _spool!.Done(file);
    }

    private void EndFlushes()
    {
        var first = _line.First?.Value.Number ?? long.MaxValue;
        foreach (var (_, gone) in _flushes.Where(f => f.Upto < first)) gone.TrySetResult();
        _flushes.RemoveAll(f => f.Upto < first);
    }

    private void Tell()
    {
        _news.TrySetResult();
        _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

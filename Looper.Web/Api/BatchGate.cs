using System.Buffers;
using Looper.Core.Serving;

namespace Looper.Web.Api;

/// <summary>Which batches are worked on now: as many bytes of them as keep the journal busy, so that none waits long behind others; the rest wait in turn. What would
/// wait too long is refused as it came, unparsed, for a refusal must cost little while too much arrives.</summary>
/// <remarks>Fair over decision points, by the first that a batch names. Their lines take turns, and one may hold as many bytes as are free (as
/// <see cref="Core.Events.Journal.HasRoom"/> has it for records): one that floods holds half of the room and delays another by one batch, not by its whole line.
/// Batches that name none, such as those of observations, are one line.</remarks>
/// <param name="most">Bytes that are worked on at once; one larger batch is worked on alone.</param>
/// <param name="room">Bytes that may wait.</param>
internal sealed class BatchGate(long most = BatchGate.WorkingBytes, long room = BatchGate.WaitingBytes)
{
    /// <summary>Between being parsed and being stored: up to some ten thousand decisions, fewer than one decision point may have waiting in the journal.</summary>
    public const long WorkingBytes = 1024 * 1024;

    /// <summary>That wait: 0.2 to 0.5 s of work on two cores.</summary>
    public const long WaitingBytes = 16 * 1024 * 1024;

    private const int LookedAt = 1_024;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Line> _lines = [];
    private readonly LinkedList<Line> _turns = [];
    private long _working, _waiting;

    /// <summary>Waits for a turn.</summary>
    /// <param name="line">See <see cref="LineOf"/>.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="cancel">Gives the place up at once: its bytes are room for others.</param>
    /// <returns>False when there is no room to wait. After true, <see cref="Leave"/> with the same size exactly once.</returns>
    public ValueTask<bool> EnterAsync(ulong line, long bytes, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (_turns.Count == 0 && Fits(bytes))
            {
                _working += bytes;
                return new(true);
            }
            if (!_lines.TryGetValue(line, out var own)) own = new(line);
            if (_waiting > 0 && own.Bytes + bytes > room - _waiting) return new(false);
            var waiter = new Waiter(this, own, bytes);
            own.Waiters.AddLast(waiter.Place);
            own.Bytes += bytes;
            _waiting += bytes;
            if (_lines.TryAdd(line, own)) _turns.AddLast(own.Turn);
            return waiter.TurnAsync(cancel);
        }
    }

    /// <summary>Lets the next ones in.</summary>
    public void Leave(long bytes)
    {
        lock (_gate)
        {
            _working -= bytes;
            LetIn();
        }
    }

    private bool Fits(long bytes) => _working == 0 || _working + bytes <= most;

    private void LetIn()
    {
        while (_turns.First?.Value is { } line && line.Waiters.First!.Value is var next && Fits(next.Bytes))
        {
            _turns.RemoveFirst();
            _turns.AddLast(line.Turn); // behind the others, if more of it wait
            Remove(next);
            _working += next.Bytes;
            next.LetIn();
        }
    }

    /// <summary>Its sender has gone. Where it had been let in meanwhile, it is the sender's to leave.</summary>
    private void GiveUp(Waiter waiter, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (waiter.Place.List is null) return;
            Remove(waiter);
            waiter.GiveUp(cancel);
            LetIn(); // it may have been too large for what is free, and the next is not
        }
    }

    private void Remove(Waiter waiter)
    {
        var line = waiter.Line;
        line.Waiters.Remove(waiter.Place);
        line.Bytes -= waiter.Bytes;
        _waiting -= waiter.Bytes;
        if (line.Waiters.Count > 0) return;
        _turns.Remove(line.Turn);
        _lines.Remove(line.Key);
    }

    /// <summary>The line of a batch: that of the first decision point it names, zero when its beginning names none.</summary>
    public static ulong LineOf(in ReadOnlySequence<byte> body)
    {
        var start = body.FirstSpan;
        if (start.Length > LookedAt) start = start[..LookedAt];
        var named = "\"decisionPoint\""u8;
        if (start.IndexOf(named) is not (>= 0 and var at)) return 0;
        start = start[(at + named.Length)..];
        if (start.IndexOf((byte)'"') is not (>= 0 and var open)) return 0;
        start = start[(open + 1)..];
        return start.IndexOf((byte)'"') is > 0 and var length ? Assignment.Hash(start[..length], 1) : 0;
    }

    private sealed class Line
    {
        public Line(ulong key) => (Key, Turn) = (key, new(this));

        public ulong Key { get; }
        public LinkedListNode<Line> Turn { get; }
        public LinkedList<Waiter> Waiters { get; } = [];
        public long Bytes { get; set; }
    }

    private sealed class Waiter
    {
        private readonly BatchGate _gate;
        private readonly TaskCompletionSource<bool> _turn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Waiter(BatchGate gate, Line line, long bytes) => (_gate, Line, Bytes, Place) = (gate, line, bytes, new(this));

        public Line Line { get; }
        public long Bytes { get; }

        /// <summary>In its line, while it waits.</summary>
        public LinkedListNode<Waiter> Place { get; }

        public void LetIn() => _turn.SetResult(true);

        public void GiveUp(CancellationToken cancel) => _turn.SetCanceled(cancel);

        public async ValueTask<bool> TurnAsync(CancellationToken cancel)
        {
            await using var gone = cancel.UnsafeRegister(static (waiter, token) => ((Waiter)waiter!)._gate.GiveUp((Waiter)waiter, token), this);
            return await _turn.Task;
        }
    }
}

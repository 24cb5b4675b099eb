using System.Buffers;
using System.Threading.Tasks.Sources;
using Looper.Core.Events.Records;
using Looper.Core.Events.Sqlite;

namespace Looper.Core.Events;

/// <summary>What waits in the journal's queue: one append of one or more records, answered as a whole after its group's commit.</summary>
internal abstract class Append
{
    /// <summary>Records in it; counts against the queue's capacity.</summary>
    public abstract int Records { get; }

    /// <summary>How many shares of the queue it takes part in: one for each decision point in it.</summary>
    public virtual int Shares => 1;

    /// <summary>A share: whose it is (empty for what belongs to no decision point), and the records in it.</summary>
    public virtual (Guid PointId, int Records) Share(int index) => (default, Records);

    /// <summary>The share is full: its records are answered so, the others of the append go on.</summary>
    public virtual void Exclude(int share) => throw new NotSupportedException("An append with one share is refused as a whole.");

    /// <summary>It must be flushed before it is answered.</summary>
    public abstract bool NeedsFlush { get; }

    /// <summary>Inside the transaction.</summary>
    public abstract void Write(EventLog log);

    /// <summary>Inside the transaction: writes a piece of what is left, or all where it has none.</summary>
    /// <returns>All of it is written.</returns>
    public virtual bool WritePiece(EventLog log)
    {
        Write(log);
        return true;
    }

    /// <summary>The pieces written so far are committed, whatever becomes of the rest.</summary>
    public virtual void KeepPieces()
    {
    }

    /// <summary>After the commit: answers with what <see cref="Write"/> found.</summary>
    public abstract void Answer();

    /// <summary>Nothing was stored.</summary>
    public abstract void Refuse(AppendStatus status);
}

/// <summary>A single decision: reused, so that a call costs no garbage.</summary>
internal sealed class DecisionAppend(Action<DecisionAppend> giveBack) : Append, IValueTaskSource<Appended>
{
    private const int MostKept = 8_192;

    private ManualResetValueTaskSourceCore<Appended> _answer;
    private byte[] _bytes = [];
    private bool _durable;

    public DecisionRecord Record { get; private set; } = null!;
    public EncodedDecision Row { get; private set; }

    /// <summary>What the writer found, answered after the commit.</summary>
    public Appended Found { private get; set; }

    public override int Records => 1;
    public override bool NeedsFlush => _durable;
    public override (Guid PointId, int Records) Share(int index) => (Record.DecisionPointId, 1);

    public ValueTask<Appended> Answered => new(this, _answer.Version);

    public void Use(DecisionRecord record, bool durable)
    {
        var room = EncodedDecision.Room(record);
        if (_bytes.Length < room) _bytes = new byte[room];
        (Record, Row, _durable) = (record, EncodedDecision.Of(record, _bytes, 0), durable);
    }

    public override void Write(EventLog log)
    {
        var (record, row, found) = (Record, Row, default(Appended));
        log.Append(new(ref record), new ReadOnlySpan<EncodedDecision>(ref row), new(ref found));
        Found = found;
    }

    public override void Answer() => _answer.SetResult(Found);
    public override void Refuse(AppendStatus status) => _answer.SetResult(new(status));

    public Appended GetResult(short token)
    {
        try
        {
            return _answer.GetResult(token);
        }
        finally
        {
            (Record, Row, Found) = (null!, default, default);
            if (_bytes.Length > MostKept) _bytes = []; // one large decision must not keep its room for good
            _answer.Reset();
            giveBack(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _answer.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);
}

/// <summary>Several decisions, or the observations of several calls: one answer each, in order.</summary>
internal abstract class BatchAppend(int answers) : Append
{
    private readonly TaskCompletionSource<Appended[]> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected Appended[] Found { get; } = new Appended[answers];

    public Task<Appended[]> Answered => _answer.Task;

    public override void Answer() => _answer.SetResult(Found);

    public override void Refuse(AppendStatus status) => Refuse(status, from: 0);

    protected void Refuse(AppendStatus status, int from)
    {
        Array.Fill(Found, new(status), from, Found.Length - from);
        _answer.SetResult(Found);
    }
}

internal sealed class DecisionsAppend : BatchAppend
{
    private const int PieceRecords = 64; // a fifth of a millisecond

    private readonly ReadOnlyMemory<DecisionRecord> _records;
    private readonly EncodedDecision[] _rows; // given back with the chunk
    private readonly (Guid PointId, int Records)[] _shares;
    private readonly bool _durable;
    private byte[]? _chunk; // given back once it is written, or refused
    private int _written, _kept;

    public DecisionsAppend(ReadOnlyMemory<DecisionRecord> records, bool durable) : base(records.Length)
    {
        (_records, _durable) = (records, durable);
        _shares = SharesOf(records.Span);
        var room = 0;
        foreach (var record in records.Span) room += EncodedDecision.Room(record);
        _chunk = ArrayPool<byte>.Shared.Rent(room);
        _rows = ArrayPool<EncodedDecision>.Shared.Rent(records.Length);
        EncodedDecision.Of(records.Span, _chunk, _rows);
    }

    public override int Records
    {
        get
        {
            var sum = 0;
            foreach (var share in _shares) sum += share.Records;
            return sum;
        }
    }

    public override bool NeedsFlush => _durable;
    public override int Shares => _shares.Length;

    public override (Guid PointId, int Records) Share(int index) => _shares[index];

    public override void Exclude(int share)
    {
        var records = _records.Span;
        for (var i = 0; i < records.Length; i++)
        {
            if (records[i].DecisionPointId == _shares[share].PointId) Found[i] = new(AppendStatus.Full);
        }
        _shares[share].Records = 0;
    }

    public override bool WritePiece(EventLog log)
    {
        var to = Math.Min(_written + PieceRecords, _records.Length);
        Write(log, _written, to);
        _written = to;
        return to == _records.Length;
    }

    public override void KeepPieces() => _kept = _written;

    public override void Write(EventLog log) => Write(log, 0, _records.Length);

    private void Write(EventLog log, int from, int to)
    {
        for (var i = from; i < to;)
        {
            var end = i;
            while (end < to && Found[end].Status != AppendStatus.Full) end++;
            if (end > i) log.Append(_records.Span[i..end], _rows.AsSpan(i..end), Found.AsSpan(i..end));
            i = end + 1;
        }
    }

    public override void Answer()
    {
        GiveBack();
        base.Answer();
    }

    // What is committed was stored, unless it must be on disk: nobody knows that of it.
    public override void Refuse(AppendStatus status)
    {
        GiveBack();
        Refuse(status, _durable ? 0 : _kept);
    }

    private static (Guid PointId, int Records)[] SharesOf(ReadOnlySpan<DecisionRecord> records)
    {
        foreach (var record in records)
        {
            if (record.DecisionPointId != records[0].DecisionPointId) return [.. records.ToArray().CountBy(r => r.DecisionPointId).Select(c => (c.Key, c.Value))];
        }
        return records.Length == 0 ? [] : [(records[0].DecisionPointId, records.Length)];
    }

    private void GiveBack()
    {
        if (Interlocked.Exchange(ref _chunk, null) is not { } chunk) return;
        ArrayPool<byte>.Shared.Return(chunk);
        ArrayPool<EncodedDecision>.Shared.Return(_rows, clearArray: true);
    }
}

internal sealed class ObservationsAppend : BatchAppend
{
    private readonly ObservationRecord[][] _calls;
    private readonly ObservationRows _rows;

    public ObservationsAppend(ObservationRecord[][] calls) : base(calls.Length)
    {
        (_calls, Records) = (calls, calls.Sum(c => c.Length));
        _rows = new(calls, Records);
    }

    public override int Records { get; }
    public override bool NeedsFlush => true;

    public override void Write(EventLog log) => log.Append(_calls, _rows, Found);
}

/// <summary>Nothing but a flush: answered once everything committed before it is on disk.</summary>
internal sealed class FlushAppend() : BatchAppend(1)
{
    public override int Records => 0;
    public override bool NeedsFlush => true;

    public override void Write(EventLog log) => Found[0] = new(AppendStatus.Stored);
}

using System.Collections.Concurrent;
using Looper.Core.Events;

namespace Looper.Web.Api;

/// <summary>The decisions of a batch on their way: made, stored, answered. Its lists serve one batch after another.</summary>
internal sealed class DecisionBatch
{
    private const int MostSpare = 64;

    private static readonly ConcurrentQueue<DecisionBatch> s_spare = [];

    private DecisionRecord[] _records = [];
    private BatchItem<DecisionAnswer>[] _answers = [];

    private DecisionBatch()
    {
    }

    public List<BatchItem<PendingDecision>> Made { get; } = new(128);

    /// <summary>One for each that was made, once <see cref="SettleAsync"/> has ended.</summary>
    public ReadOnlyMemory<BatchItem<DecisionAnswer>> Answers => _answers.AsMemory(0, Made.Count);

    /// <summary>An empty one. Give it back with <see cref="Return"/> once it is answered; after a failure that need not be.</summary>
    public static DecisionBatch Rent() => s_spare.TryDequeue(out var spare) ? spare : new();

    public void Return()
    {
        Array.Clear(_records, 0, Math.Min(_records.Length, Made.Count));
        Array.Clear(_answers, 0, Math.Min(_answers.Length, Made.Count));
        Made.Clear();
        if (s_spare.Count < MostSpare) s_spare.Enqueue(this);
    }

    /// <summary>Stores all that can be, in one append, or two where some are flushed and some are not, and says what became of each: one that needs no flush is recorded once it is
    /// committed, whatever the flush of others comes to.</summary>
    /// <param name="mostExplained">Explanations in it; those after are told that it had as many.</param>
    public async ValueTask SettleAsync(DataRoutes data, int mostExplained, CancellationToken cancel)
    {
        if (_answers.Length < Made.Count) (_records, _answers) = (new DecisionRecord[Made.Capacity], new BatchItem<DecisionAnswer>[Made.Capacity]);
        var durable = Gather(0, isDurable: true);
        var records = Gather(durable, isDurable: false);
        var flushed = durable == 0 ? [] : await data.Journal.AppendAsync(_records.AsMemory(0, durable), true, cancel).ConfigureAwait(false); // what is left to do is little, and one thread less to wait for
        var others = records == durable ? [] : await data.Journal.AppendAsync(_records.AsMemory(durable, records - durable), false, cancel).ConfigureAwait(false);
        var (nextFlushed, nextOther, explained) = (0, 0, 0);
        for (var i = 0; i < Made.Count; i++)
        {
            var (fault, pending) = Made[i];
            var answer = default(DecisionAnswer);
            if (fault is null && pending.Explaining != Explaining.No && ++explained > mostExplained) pending = pending with { Explaining = Explaining.OverLimit };
            if (fault is null) fault = pending.Settle(!pending.IsStorable ? new(AppendStatus.Unavailable) : pending.IsDurable ? flushed[nextFlushed++] : others[nextOther++], out answer);
            if (fault is null) data.Unrecorded.Count(answer);
            _answers[i] = new(fault, answer);
        }
    }

    // those that can be stored and are, or are not, to be flushed, from there on; where they end
    private int Gather(int at, bool isDurable)
    {
        foreach (var (fault, pending) in Made)
        {
            if (fault is null && pending.IsStorable && pending.IsDurable == isDurable) _records[at++] = pending.Record;
        }
        return at;
    }
}

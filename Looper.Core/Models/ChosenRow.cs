using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Models;

/// <summary>What a model sees of one candidate of a decision: the context as served, then the candidate's features as served.</summary>
internal sealed class ChosenRow
{
    private byte[] _bytes = new byte[4_096];
    private int _length;

    public ReadOnlySpan<byte> Served => _bytes.AsSpan(0, _length);

    /// <summary>The candidate that was answered; false when the record does not hold it, or not all of the context.</summary>
    public bool Read(DecisionRecord decision, BlueprintContent then) => ServedCandidates.Read(decision.Candidates) is { } candidates
        && decision.Option >= 0 && decision.Option < candidates.Count && Read(decision, candidates.Row(decision.Option), then);

    private bool Read(DecisionRecord decision, ReadOnlySpan<byte> candidate, BlueprintContent then)
    {
        var context = decision.Served.Span;
        if (CountOf(context) != then.Features.Length || CountOf(candidate) != then.CandidateFeatures.Length) return false; // a fault served nothing
        _length = context.Length + candidate.Length;
        if (_bytes.Length < _length) _bytes = new byte[_length * 2];
        context.CopyTo(_bytes);
        candidate.CopyTo(_bytes.AsSpan(context.Length));
        return true;
    }

    private static int CountOf(ReadOnlySpan<byte> served)
    {
        var reader = new ServedRowReader(served);
        var count = 0;
        while (reader.Read()) count++;
        return count;
    }
}

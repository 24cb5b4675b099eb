using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Models;

/// <summary>What a model sees of one candidate of a decision: the context as served, then the candidate's features as served, then in a ranking its place.</summary>
internal sealed class ChosenRow
{
    private byte[] _bytes = new byte[4_096];
    private int _length;

    public ReadOnlySpan<byte> Served => _bytes.AsSpan(0, _length);

    /// <summary>The candidate that was answered; false when the record does not hold it, or not all of the context.</summary>
    public bool Read(DecisionRecord decision, BlueprintContent then) => ServedCandidates.Read(decision.Candidates) is { } candidates
        && decision.Option >= 0 && decision.Option < candidates.Count && Read(decision, candidates.Row(decision.Option), then, 0);

    /// <summary>The candidate at one place of a ranking that was drawn.</summary>
    public bool ReadAt(DecisionRecord decision, ServedCandidates candidates, int place, BlueprintContent then) =>
        Read(decision, candidates.Row(candidates.At(place)), then, place);

    /// <summary>One of the places that were drawn, by a hash of the decision: over many decisions each is met as often as the others. What a model
    /// learned from is spread like this too, one row per unit.</summary>
    public bool ReadAny(DecisionRecord decision, BlueprintContent then)
    {
        if (then.Shape != DecisionShape.Ranking) return Read(decision, then);
        return ServedCandidates.Read(decision.Candidates) is { Drawn: > 0 } candidates
            && ReadAt(decision, candidates, AnyPlace(decision, candidates.Drawn), then);
    }

    /// <inheritdoc cref="ReadAny"/>
    public static int AnyPlace(DecisionRecord decision, int drawn) => (int)(Assignment.Hash(Encoding.UTF8.GetBytes(decision.Id), 0) % (uint)drawn);

    private bool Read(DecisionRecord decision, ReadOnlySpan<byte> candidate, BlueprintContent then, int place)
    {
        var context = decision.Served.Span;
        if (CountOf(context) != then.Features.Length || CountOf(candidate) != then.CandidateFeatures.Length) return false; // a fault served nothing
        _length = context.Length + candidate.Length;
        if (_bytes.Length < _length + ServedRow.MaxNumberBytes) _bytes = new byte[_length * 2 + ServedRow.MaxNumberBytes];
        context.CopyTo(_bytes);
        candidate.CopyTo(_bytes.AsSpan(context.Length));
        if (then.Shape == DecisionShape.Ranking) _length += ServedRow.WriteNumber(_bytes.AsSpan(_length), place + 1);
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

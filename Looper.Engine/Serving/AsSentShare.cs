using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;

namespace Looper.Core.Serving;

/// <summary>The part of a bandit's decisions that guardrails leave to the candidates in the order they were sent, with what is drawn evenly. Of a ranking it is the whole order that is
/// left to them, place by place.</summary>
/// <param name="share">In (0, 1].</param>
/// <param name="explore">Even share that the blueprint asks for.</param>
internal sealed class AsSentShare(double share, double explore)
{
    private readonly double _even = SharedBandit.EvenShare(explore);

    public double Share => share;

    /// <summary>Candidates that the baseline shows: the first, or of a ranking as many as there are places.</summary>
    public static int Shown(BlueprintContent content) => content.Shape == DecisionShape.Ranking ? content.Positions ?? 1 : 1;

    /// <summary>The next as sent, by his place among the remaining.</summary>
    public static int FirstOf(ReadOnlySpan<int> remaining)
    {
        var first = 0;
        for (var i = 1; i < remaining.Length; i++)
            if (remaining[i] < remaining[first]) first = i;
        return first;
    }

    /// <summary>p ← w·p + (1 − w)·p(as sent). Both have the even share, so the mixture has.</summary>
    /// <param name="own">w: probability, given the places above, that this decision is not left to the candidates as sent; 1 − share at the first place.</param>
    public void MixInto(Span<double> shares, ReadOnlySpan<int> remaining, double own)
    {
        for (var i = 0; i < shares.Length; i++) shares[i] = own * shares[i] + (1 - own) * _even / shares.Length;
        shares[FirstOf(remaining)] += (1 - own) * (1 - _even);
    }

    /// <summary>p(as sent) alone.</summary>
    /// <inheritdoc cref="MixInto"/>
    public void Write(Span<double> shares, ReadOnlySpan<int> remaining)
    {
        shares.Clear();
        MixInto(shares, remaining, 0);
    }
}

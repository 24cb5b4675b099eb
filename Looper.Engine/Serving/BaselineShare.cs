using Looper.Core.Learning.Bandits;

namespace Looper.Core.Serving;

/// <summary>The part of a bandit's decisions that guardrails leave to the baseline, with what is drawn evenly.</summary>
/// <param name="chances">p(option) of the baseline.</param>
/// <param name="baseline">Index of its option.</param>
/// <param name="share">In [0, 1].</param>
internal sealed class BaselineShare(double[] chances, int baseline, double share)
{
    public static BaselineShare Of(double explore, int options, int baseline, double share) => new(Chances(explore, options, baseline), baseline, share);

    /// <summary>The baseline alone, but for the even share and the floor.</summary>
    public static double[] Chances(double explore, int options, int baseline)
    {
        var chances = new double[options];
        chances[baseline] = 1;
        ExplorationRules.Mix(chances, explore);
        return chances;
    }

    /// <summary>p ← (1 − share)·p + share·p(baseline): both have the floor, so the mixture has.</summary>
    /// <param name="best">What was preferred before.</param>
    /// <returns>What is preferred after: the baseline where it has more than half.</returns>
    public int MixInto(Span<double> probabilities, int best)
    {
        for (var a = 0; a < probabilities.Length; a++) probabilities[a] = (1 - share) * probabilities[a] + share * chances[a];
        return share > 0.5 ? baseline : best;
    }
}

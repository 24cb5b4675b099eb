using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bandits;

/// <summary>What is taken off a candidate's estimate for the harm that it is believed to do, where candidates share what is known.</summary>
/// <remarks>Σ_g λ_g·(x·θ̂_g + z·σ_g·√(xᵀA_g⁻¹x)) with x the row of context and candidate: the doubt is about the very candidate, so one that is unlike those that were tried is taken for
/// harmful. Candidates of the baseline are taken off what is believed alone. O(d²) for each guardrail that costs something. Immutable and thread safe.</remarks>
public sealed class CandidatePenalty
{
    private readonly double[] _weights;
    private readonly ImmutableArray<(OutcomeBelief Belief, double Times)> _doubts;

    private CandidatePenalty(double[] weights, ImmutableArray<(OutcomeBelief, double)> doubts) => (_weights, _doubts) = (weights, doubts);

    /// <summary>Combines.</summary>
    /// <param name="beliefs">Per guardrail, of <see cref="OutcomeBelief.OfShared"/>; null where nothing is known of it.</param>
    /// <param name="multipliers">λ per guardrail.</param>
    /// <returns>Null where nothing is taken off.</returns>
    public static CandidatePenalty? Of(ImmutableArray<OutcomeBelief?> beliefs, ImmutableArray<double> multipliers)
    {
        ImmutableArray<(OutcomeBelief Belief, double Multiplier)> costly = [.. beliefs.Zip(multipliers).Where(p => p.First is not null && p.Second != 0).Select(p => (p.First!, p.Second))];
        if (costly.IsEmpty) return null;
        var weights = new double[costly[0].Belief.Weights[0].Length];
        foreach (var (belief, multiplier) in costly) Vectors.AddScaled(weights, multiplier, belief.Weights[0]);
        return new(weights, [.. costly.Select(c => (c.Belief, c.Multiplier * HarmBound.Confidence))]);
    }

    /// <summary>In the unit of the reward.</summary>
    /// <param name="x">Row of d numbers.</param>
    /// <param name="isBaseline">It is what the baseline shows.</param>
    /// <param name="scratch">At least d numbers, overwritten.</param>
    public double Of(ReadOnlySpan<double> x, bool isBaseline, Span<double> scratch)
    {
        var penalty = Vectors.Dot(x, _weights);
        if (isBaseline) return penalty;
        foreach (var (belief, times) in _doubts) penalty += times * belief.Doubt(0, x, scratch);
        return penalty;
    }
}

using System.Collections.Immutable;

namespace Looper.Core.Learning.Bandits;

/// <summary>What a bandit has learned of the guardrails of its goal, and how it holds to them.</summary>
/// <param name="Outcomes">Names of the guardrails, in the order of the goal.</param>
/// <param name="Meanings">What each of them is exactly, as text: its margin, and how its outcome is counted. What was learned of one says how to hold to no other.</param>
/// <param name="Baseline">Key of the option that harm is measured against; among candidates the word for those sent, in their order.</param>
/// <param name="Harms">Per guardrail the sums over rows whose outcome is known, as harm: more is worse.</param>
/// <param name="Multipliers">λ per guardrail, in reward per harm.</param>
/// <param name="Share">Share of decisions that follow the penalised policy, in [0, 1]; the rest are the baseline's.</param>
/// <param name="Penalties">Per option d numbers: x·penalty = Σ λ·(harm believed and its doubt). Empty where nothing is taken off, and among candidates: there it follows from the harms and multipliers (<see cref="CandidatePenalty"/>).</param>
public sealed record BanditGuards(
    ImmutableArray<string> Outcomes, ImmutableArray<string> Meanings, string Baseline, ImmutableArray<BanditStatistics> Harms, ImmutableArray<double> Multipliers, double Share, ImmutableArray<double[]> Penalties)
{
    /// <summary>Nothing known of any harm: all goes to the baseline, but for what is drawn evenly.</summary>
    public static BanditGuards Unknowing(ImmutableArray<string> outcomes, ImmutableArray<string> meanings, string baseline, int options, int width) =>
        new(outcomes, meanings, baseline, [.. outcomes.Select(_ => new BanditStatistics(options, width))], [.. outcomes.Select(_ => 0.0)], 0, []);

    /// <summary>It was learned for exactly these.</summary>
    public bool IsFor(ImmutableArray<string> meanings, string baseline) => Meanings.SequenceEqual(meanings) && Baseline == baseline;
}

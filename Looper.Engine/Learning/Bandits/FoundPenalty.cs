using System.Collections.Immutable;

namespace Looper.Core.Learning.Bandits;

/// <summary>What was found.</summary>
/// <param name="Multipliers">λ per guardrail.</param>
/// <param name="Share">Share of decisions of the penalised policy; the rest are the baseline's.</param>
/// <param name="Sums">Φ of the policy with its share.</param>
/// <param name="Bounds">Per guardrail; null where nothing is known of it.</param>
/// <param name="Tight">Per guardrail: it is what kept the plain policy, without penalty, from all decisions.</param>
public sealed record FoundPenalty(
    ImmutableArray<double> Multipliers, double Share, PolicySums Sums, ImmutableArray<HarmBound?> Bounds, ImmutableArray<bool> Tight)
{
    /// <summary>Per option d numbers, as <see cref="LinearBandit.Of"/> takes them; empty where nothing is taken off, and where candidates share what is known.</summary>
    public ImmutableArray<double[]> Penalties { get; init; } = [];
}

using System.Collections.Immutable;

namespace Looper.Core.Learning.Bandits;

/// <summary>A policy as sums of rows, in which its mean of each outcome is linear: Φ, as <see cref="OutcomeBelief"/> takes it.</summary>
/// <param name="Reward">Of the goal.</param>
/// <param name="Harms">Per guardrail. Others than those of the goal only where places of a ranking have effects of their own on each outcome.</param>
public sealed record PolicySums(double[] Reward, ImmutableArray<double[]> Harms)
{
    /// <summary>The same for every outcome.</summary>
    /// <param name="sums">Φ.</param>
    /// <param name="guardrails">How many.</param>
    public static PolicySums Alike(double[] sums, int guardrails) => new(sums, [.. Enumerable.Repeat(sums, guardrails)]);
}

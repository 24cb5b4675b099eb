using System.Collections.Immutable;

namespace Looper.Core.Learning.Sequences;

/// <summary>One decision of a unit, and what came of it until its next.</summary>
/// <param name="State">The features when it was made, one per column.</param>
/// <param name="Action">Option taken, from 0.</param>
/// <param name="Propensities">Probability of every option under the policy that was live; sums to 1.</param>
/// <param name="Reward">Goal gathered until the next decision, or the end.</param>
/// <param name="Elapsed">Time until the next decision, in days; 1 where only order is known.</param>
/// <param name="Next">Features of the unit's next decision; null when there is none.</param>
/// <param name="NextPropensities">Probabilities at the next decision; empty when there is none.</param>
public sealed record Step(
    ImmutableArray<double> State, int Action, ImmutableArray<double> Propensities, double Reward, double Elapsed, ImmutableArray<double>? Next,
    ImmutableArray<double> NextPropensities);

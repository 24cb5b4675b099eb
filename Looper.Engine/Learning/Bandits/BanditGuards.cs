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
    /// <summary>Per guardrail the units that its sums are of.</summary>
    public ImmutableArray<KnownUnits> Units { get; init; } = [.. Outcomes.Select(_ => new KnownUnits())];

    /// <summary>Nothing known of any harm: all goes to the baseline, but for what is drawn evenly.</summary>
    public static BanditGuards Unknowing(ImmutableArray<string> outcomes, ImmutableArray<string> meanings, string baseline, int options, int width) =>
        new(outcomes, meanings, baseline, [.. outcomes.Select(_ => new BanditStatistics(options, width))], [.. outcomes.Select(_ => 0.0)], 0, []);

    /// <summary>Takes in the harm of one decision.</summary>
    /// <param name="guardrail">Its index.</param>
    /// <param name="option">As the statistics have it.</param>
    /// <param name="x">d finite numbers.</param>
    /// <param name="harm">Finite.</param>
    /// <param name="unit">Hash of the decision's unit.</param>
    public void Add(int guardrail, int option, ReadOnlySpan<double> x, double harm, ulong unit)
    {
        Harms[guardrail].Add(option, x, harm);
        Units[guardrail].Add(unit);
    }

    /// <summary>What is believed of each guardrail; null of one that too few units speak for.</summary>
    /// <param name="fit">From the sums of its harm.</param>
    public ImmutableArray<OutcomeBelief?> Beliefs(Func<BanditStatistics, OutcomeBelief?> fit) => [.. Harms.Select((h, g) => Units[g].Count < KnownUnits.Enough ? null : fit(h))];

    /// <summary>It was learned for exactly these.</summary>
    public bool IsFor(ImmutableArray<string> meanings, string baseline) => Meanings.SequenceEqual(meanings) && Baseline == baseline;
}

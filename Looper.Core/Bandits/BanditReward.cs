using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Bandits;

/// <summary>What a bandit learns from: the goal as one number, more is better.</summary>
internal sealed class BanditReward(BlueprintContent content)
{
    /// <summary>Those that the goal is made of, and its guardrails; none without a goal.</summary>
    public ImmutableArray<Outcome> Outcomes { get; } = OutcomesOf(content);

    /// <inheritdoc cref="Outcomes"/>
    public static ImmutableArray<Outcome> OutcomesOf(BlueprintContent content) =>
        content.Outcomes.Any(o => IsTerm(content, o)) ? [.. content.Outcomes.Where(o => IsTerm(content, o) || content.Goal.Guardrails.Any(g => g.Outcome == o.Name))] : [];

    /// <summary>Null while an outcome of the goal is unknown.</summary>
    /// <param name="labels">One per outcome.</param>
    /// <remarks>A yes that is unwanted counts as a no that is wanted: the same order, and a rate that a Beta posterior can hold.</remarks>
    public double? Of(double[] labels)
    {
        var sum = 0.0;
        for (var o = 0; o < labels.Length; o++)
        {
            if (!IsTerm(content, Outcomes[o])) continue;
            if (!double.IsFinite(labels[o])) return null;
            var weight = content.Goal.Terms.First(t => t.Outcome == Outcomes[o].Name).Weight;
            sum += weight * (Outcomes[o].Better == Direction.Higher ? labels[o] : Outcomes[o].Kind == OutcomeKind.Boolean ? 1 - labels[o] : -labels[o]);
        }
        return sum;
    }

    /// <summary>A mean of what is learned from, as people know it: of a goal of one outcome the outcome's own mean, else the weighted sum with unwanted outcomes taken off.</summary>
    public double Told(double mean)
    {
        (Outcome Outcome, double Weight)[] terms = [.. Outcomes.Where(o => IsTerm(content, o)).Select(o => (o, content.Goal.Terms.First(t => t.Outcome == o.Name).Weight))];
        var sum = mean - terms.Where(t => t.Outcome is { Better: not Direction.Higher, Kind: OutcomeKind.Boolean }).Sum(t => t.Weight); // a yes was counted as a no that is wanted
        return terms is [var (only, weight)] ? sum / (only.Better == Direction.Higher ? weight : -weight) : sum;
    }

    private static bool IsTerm(BlueprintContent content, Outcome outcome) => content.Goal.Terms.Any(t => t.Outcome == outcome.Name);
}

using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Causal;
using Looper.Core.Experiments;

namespace Looper.Core.Personalization;

/// <summary>How the rule decides who gets what.</summary>
public enum RuleKind
{
    /// <summary>The if/else rule itself, searched on the scores.</summary>
    Tree,

    /// <summary>Every unit by its predicted effect, distilled into an if/else rule so that no model is served.</summary>
    Effect,
}

/// <summary>Which rule to make from effects.</summary>
public sealed record RuleQuestion
{
    public RuleKind Kind { get; init; } = RuleKind.Tree;

    /// <summary>Conditions on a path at most: 1 to 3 for a tree, 1 to 4 for a distilled one.</summary>
    public int Depth { get; init; } = 2;

    /// <summary>What giving an arm to a unit costs, by the arm's key, in the metric's unit; an arm left out costs nothing.</summary>
    public ImmutableDictionary<string, double> Costs { get; init; } = ImmutableDictionary<string, double>.Empty;

    /// <summary>What a unit of another outcome is worth in the metric's unit, by the outcome's key, counted in its better direction: the rule is then of the weighted sum. One left out counts nothing.</summary>
    public ImmutableDictionary<string, double> Weights { get; init; } = ImmutableDictionary<string, double>.Empty;

    /// <summary>Share of units that the rule may give another arm than the first, in (0, 1]; null sets no limit. What is drawn evenly comes on top: of k options (1 − e)·b + e·(k − 1)/k are served another.</summary>
    public double? Budget { get; init; }

    /// <summary>Share of decisions that the policy draws evenly, in [0, 1], so that the next comparison is possible.</summary>
    public double Explore { get; init; } = 0.05;

    /// <param name="arms">Keys of the arms compared.</param>
    /// <param name="others">Keys of the other outcomes that were told of.</param>
    internal Refusal? Fault(IReadOnlyCollection<string> arms, IReadOnlyCollection<string> others)
    {
        var deepest = Kind == RuleKind.Tree ? 3 : RulePlan.Deepest;
        if (Depth < 1 || Depth > deepest) return Bad("depth", $"Depth: {Depth} is not between 1 and {deepest}. Take 2 for a rule that can be read at a glance.");
        if (Budget is { } budget && !(budget > 0 && budget <= 1)) return Bad("budget", "Budget: give a share of units above 0 and up to 1, or none.");
        if (!(Explore >= 0 && Explore <= 1)) return Bad("explore", "Explore: give a share of decisions from 0 to 1.");
        foreach (var (arm, cost) in Costs ?? ImmutableDictionary<string, double>.Empty)
        {
            if (!arms.Contains(arm)) return Bad($"costs.{arm}", $"Costs: there is no arm '{arm}' to choose. Name one of {string.Join(", ", arms)}.");
            if (!double.IsFinite(cost)) return Bad($"costs.{arm}", $"Costs: the cost of '{arm}' must be a finite number, in the metric's unit per unit.");
        }
        foreach (var (outcome, weight) in Weights ?? ImmutableDictionary<string, double>.Empty)
        {
            if (!others.Contains(outcome))
            {
                return Bad($"weights.{outcome}", $"Weights: these effects do not tell of '{outcome}'. "
                    + (others.Count == 0 ? "They tell of no other outcome; leave weights out." : $"Name one of {string.Join(", ", others)}."));
            }
            if (!(weight >= 0 && double.IsFinite(weight)))
                return Bad($"weights.{outcome}", $"Weights: what a unit of '{outcome}' is worth must be a finite number from 0 on, in the metric's unit; its direction is the outcome's own.");
        }
        return null;
    }

    private static Refusal Bad(string field, string reason) => new("rule-question.invalid", reason, field);
}

/// <summary>A rule made from effects, with what it is worth on units that did not choose it. Values are per unit, costs subtracted.</summary>
/// <param name="Policy">As a blueprint takes it: a <see cref="TreePolicy"/>.</param>
/// <param name="Rule">The same in words.</param>
/// <param name="Value">Estimated value of the rule, doubly robust.</param>
/// <param name="Against">The same for giving everybody one arm, and the rule's gain over that.</param>
/// <param name="Individual">Value of assigning every unit by its own predicted effect; null for a tree.</param>
/// <param name="Units">Units that judged.</param>
/// <param name="Note">What is kept with the draft.</param>
/// <param name="Blocked">Why it cannot become a draft now; null when it can.</param>
public sealed record PolicyProposal(
    PolicySpec Policy, string Rule, Gain Value, ImmutableArray<PolicyAgainst> Against, Gain? Individual, long Units, string Note, Refusal? Blocked)
{
    /// <summary>Share of units that get each arm, by its key: who would be treated.</summary>
    public required ImmutableDictionary<string, double> Shares { get; init; }

    /// <summary>What the rule does to each outcome by itself, the metric first; costs are not in it.</summary>
    public required ImmutableArray<PolicyOutcome> Outcomes { get; init; }

    /// <summary>Other outcomes count too: values are then sums in the metric's unit, and of a yes/no metric no shares.</summary>
    public bool IsWeighed => Outcomes.Skip(1).Any(o => o.Weight > 0);
}

/// <summary>One outcome under a rule, on units that did not choose it.</summary>
/// <param name="Weight">What it counted; 1 for the metric.</param>
/// <param name="Margin">Of a guardrail; NaN for others.</param>
/// <param name="Value">Its mean as it is, not signed.</param>
/// <param name="OverFirst">Gain over the first arm for everybody: positive is better.</param>
/// <param name="OverBest">The same over the best arm for everybody.</param>
/// <param name="Guardrail">Against the first arm for everybody; null where it is no guardrail.</param>
public sealed record PolicyOutcome(
    string Outcome, double Weight, double Margin, bool IsRate, bool LowerIsBetter, string? UnitOfMeasure, Gain Value, Gain OverFirst, Gain OverBest, GuardrailState? Guardrail, long Units);

/// <param name="IsBest">The best arm for everybody, as the units that chose the rule had it.</param>
public sealed record PolicyAgainst(string Arm, bool IsBest, Gain Value, Gain Gain);

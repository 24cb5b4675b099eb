using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Policies;

/// <summary>The goal as one number a decision. With a single outcome it is the outcome itself, in its own unit and direction; else the weighted
/// sum, where more is better.</summary>
internal sealed class GoalReward
{
    private readonly ImmutableArray<(int Outcome, double Coefficient)> _terms;

    private GoalReward(ImmutableArray<(int, double)> terms) => _terms = terms;

    public required string Name { get; init; }
    public string? UnitOfMeasure { get; init; }
    public bool IsRate { get; init; }
    public bool LowerIsBetter { get; init; }

    /// <summary>Of a single outcome, which is told in its own unit; 1 in a sum, whose terms have theirs in them. A bandit learns from weighted outcomes, and explores on their scale.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Bounds of every possible value; null where an outcome has none.</summary>
    public (double Low, double High)? Range { get; init; }

    /// <summary>What is read: the goal's outcomes, then the guardrails.</summary>
    public required ImmutableArray<Outcome> Outcomes { get; init; }

    /// <summary>How many of the outcomes the goal needs.</summary>
    public required int Needed { get; init; }

    public static Answered<GoalReward> Of(BlueprintContent content)
    {
        Outcome? Named(string name) => content.Outcomes.FirstOrDefault(o => o.Name == name);
        var goal = content.Goal.Terms.Select(t => (t.Weight, Outcome: Named(t.Outcome))).Where(t => t.Outcome is not null).ToList();
        if (goal.Count == 0 && content.Outcomes is [var first, ..]) goal.Add((1, first));
        if (goal.Count == 0) return new Refusal("policy-value.no-outcome", "Outcomes: none is defined, so nothing says how well a decision did. Add one and a goal.", "outcomes");
        ImmutableArray<Outcome> outcomes = [.. goal.Select(t => t.Outcome!), .. content.Goal.Guardrails.Select(g => Named(g.Outcome)).OfType<Outcome>().Where(o => goal.All(t => t.Outcome != o)).Distinct()];
        var areRates = goal.TrueForAll(t => t.Outcome!.Kind == OutcomeKind.Boolean);
        if (goal is [var (weight, only)])
        {
            return new GoalReward([(0, 1)])
            {
                Name = only!.Name, Weight = weight, UnitOfMeasure = only.UnitOfMeasure, IsRate = areRates, LowerIsBetter = only.Better == Direction.Lower,
                Range = areRates ? (0, 1) : null, Outcomes = outcomes, Needed = 1,
            };
        }
        ImmutableArray<(int, double)> terms = [.. goal.Select((t, i) => (i, t.Outcome!.Better == Direction.Higher ? t.Weight : -t.Weight))];
        return new GoalReward(terms)
        {
            Name = "goal", Range = areRates ? (terms.Sum(t => Math.Min(0, t.Item2)), terms.Sum(t => Math.Max(0, t.Item2))) : null, Outcomes = outcomes, Needed = goal.Count,
        };
    }

    /// <summary>NaN while an outcome of the goal is unknown.</summary>
    public double Of(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var (outcome, coefficient) in _terms) sum += coefficient * values[outcome];
        return sum;
    }

    /// <summary>Yes or no as 1 and 0; others as they are.</summary>
    public double ValueOf(int outcome, double value) => Outcomes[outcome].Kind == OutcomeKind.Boolean && double.IsFinite(value) ? (value > 0 ? 1 : 0) : value;
}

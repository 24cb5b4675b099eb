using System.Collections.Immutable;
using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Decisions;

/// <summary>Bandit algorithms as people choose among them.</summary>
public static class BanditTexts
{
    public static string Name(string algorithm) => algorithm switch
    {
        "linucb" => "Optimistic: the best that may be (LinUCB)",
        "squarecb" => "The worse, the more seldom (SquareCB)",
        "thompson" => "As often as it may be best (Thompson)",
        "thompson-beta" => "As often as its rate may be best (Thompson, Beta)",
        "bootstrapped-trees" => "As trees vote (bootstrapped trees)",
        "epsilon-greedy" => "The best, and 10% at random (epsilon-greedy)",
        "softmax" => "In proportion (softmax)",
        _ => algorithm,
    };

    /// <summary>How far behind it is, and from when on it learns.</summary>
    public static string Pace(BlueprintContent content)
    {
        ImmutableArray<TimeSpan> windows = [.. content.Outcomes.Where(o => content.Goal.Terms.Any(t => t.Outcome == o.Name) || content.Goal.Guardrails.Any(g => g.Outcome == o.Name)).Select(o => o.Window)];
        return windows.IsEmpty
            ? "It learns from the goal: choose one first."
            : $"It learns from a decision once its outcome is certain, {Words.Of(windows.Max())} later, and begins with {BanditLearning.FewestDecisions} of them. A shorter window lets it learn sooner.";
    }

    /// <summary>How places are told apart from what stands there.</summary>
    public const string Places = "It learns from every place shown, and how much less a candidate brings further down: what stands low is not taken to be worse for it. Report outcomes with their candidate.";

    /// <summary>What guardrails mean to it; null without any.</summary>
    public static string? Guardrails(BlueprintContent content) => content.Goal.Guardrails.IsEmpty ? null
        : $"It keeps within your guardrails ({string.Join(", ", content.Goal.Guardrails.Select(g => g.Outcome))}): it gives {BaselineOf(content)} until it knows what else does no harm beyond the margin. Draw more at random for it to know sooner.{(content.Shape == DecisionShape.Ranking ? " Report what they watch with its candidate too." : "")}";

    /// <summary>What harm is measured against, in words.</summary>
    public static string BaselineOf(BanditView view) => view.Ranks ? OrderSent : view.Picks ? FirstSent : view.Baseline ?? "the baseline";

    /// <summary>A mean of the goal.</summary>
    public static string Goal(BanditView view, double value) => view.GoalIsRate ? Shown.Percent(value) : Shown.Number(value);

    /// <summary>What it is measured in: the heading of a column of means.</summary>
    public static string MeanGoal(BanditView view) => !view.GoalIsRate && view.GoalUnit is { } unit ? $"Mean goal ({unit})" : "Mean goal";

    /// <summary>What harm costs, in the units of the goal and of the outcome: a step of harm, and what it takes off.</summary>
    public static (string Harm, string Price) Price(BanditView view, GuardrailFigure guardrail)
    {
        var taken = (guardrail.Multiplier ?? double.NaN) * (view.GoalIsRate ? 100 : 1) / (guardrail.IsRate ? 100 : 1);
        var unit = guardrail.IsRate ? "percentage point" : guardrail.UnitOfMeasure ?? "unit";
        return ($"{unit} {(guardrail.LowerIsBetter ? "" : "less ")}of {guardrail.Outcome}", $"{Shown.Number(taken)}{(view.GoalIsRate ? $" percentage point{(taken == 1 ? "" : "s")}" : view.GoalUnit is { } goal ? " " + goal : "")}");
    }

    private const string OrderSent = "the order sent", FirstSent = "the first candidate sent";

    private static string BaselineOf(BlueprintContent content) =>
        content.Shape == DecisionShape.Ranking ? OrderSent : content.Shape.TakesCandidates() ? FirstSent : content.Rollout.Baseline ?? content.Default;

    public static string Help(string algorithm) => algorithm switch
    {
        "linucb" => "Takes what could still turn out best. Learns fastest on average; its log says least about other policies.",
        "squarecb" => "Draws options that look worse the more seldom the more is known. Its log serves other policies well.",
        "thompson" => "Draws each option as often as it is likely to be the best one for this context.",
        "thompson-beta" => "For one yes-or-no outcome and when the context says nothing: every unit gets the same chances.",
        "bootstrapped-trees" => "For contexts where thresholds and combinations decide, and thousands of decisions. Grows anew with every fifth more.",
        "epsilon-greedy" => "The best estimate, and one in ten at random for ever.",
        "softmax" => "The higher the estimate, the more often.",
        _ => "",
    };
}

using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Experiments;

/// <summary>Which outcomes must not get worse in an experiment, and by how much: what its plan says, else its blueprint.</summary>
public static class GuardrailRules
{
    /// <summary>The blueprint's guardrails with the plan's margins, then those that only the plan has.</summary>
    public static ImmutableArray<Guardrail> Of(ExperimentPlan plan, BlueprintContent blueprint)
    {
        if (plan.Guardrails.IsDefaultOrEmpty) return blueprint.Goal.Guardrails;
        var own = plan.Guardrails;
        return
        [
            .. blueprint.Goal.Guardrails.Select(g => own.LastOrDefault(o => o.Outcome == g.Outcome) is { } other ? g with { MarginRelative = other.MarginRelative } : g),
            .. own.Where(o => blueprint.Goal.Guardrails.All(g => g.Outcome != o.Outcome)).Select(o => new Guardrail(o.Outcome, o.MarginRelative)),
        ];
    }

    /// <summary>Outcomes and metrics that must not get worse.</summary>
    public static IReadOnlyList<string> Names(ExperimentPlan plan, BlueprintContent blueprint) =>
    [
        .. Of(plan, blueprint).Select(g => g.Outcome),
        .. plan.Metrics.IsDefault ? [] : plan.Metrics.Where(m => m.Role == MetricRole.Guardrail).Select(m => m.Key),
    ];

    /// <summary>What is not as the blueprint has it, in words; null where the margin is the blueprint's.</summary>
    public static string? Changed(ExperimentPlan plan, BlueprintContent blueprint, string outcome)
    {
        if (plan.Guardrails.IsDefaultOrEmpty || plan.Guardrails.LastOrDefault(g => g.Outcome == outcome) is not { } own) return null;
        var theirs = blueprint.Goal.Guardrails.FirstOrDefault(g => g.Outcome == outcome);
        if (theirs?.MarginRelative == own.MarginRelative) return null;
        var because = string.IsNullOrWhiteSpace(own.Reason) ? "" : $": {own.Reason.Trim()}";
        return theirs is null ? $"guarded in this experiment only{because}" : FormattableString.Invariant($"in place of the blueprint’s {100 * theirs.MarginRelative:0.###}%{because}");
    }

    internal static void Check(ExperimentPlan plan, BlueprintContent blueprint, Action<string, string> fault)
    {
        if (plan.Guardrails.IsDefaultOrEmpty) return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < plan.Guardrails.Length; i++)
        {
            var (name, margin) = (plan.Guardrails[i]?.Outcome ?? "", plan.Guardrails[i]?.MarginRelative);
            var shown = ExperimentRules.Shown(name);
            var reason = plan.Guardrails[i]?.Reason;
            if (!blueprint.Outcomes.Any(o => o.Name == name))
                fault($"guardrails[{i}].outcome", $"outcome '{shown}' is not in this blueprint. Choose one of {string.Join(", ", blueprint.Outcomes.Select(o => o.Name))}; a metric of the plan has its margin with it.");
            else if (name == ExperimentRules.PrimaryOutcome(plan, blueprint))
                fault($"guardrails[{i}].outcome", $"'{shown}' decides this experiment, so it is no guardrail. Choose another outcome.");
            else if (!seen.Add(name)) fault($"guardrails[{i}].outcome", $"'{shown}' is there twice. Remove one of them.");
            if (margin is not (>= 0 and <= 1))
                fault($"guardrails[{i}].marginRelative", $"how much worse {shown} may get is a fraction from 0 to 1 of the baseline: 0.01 for 1%.");
            if (reason?.Length > ExperimentRules.MaxNote)
                fault($"guardrails[{i}].reason", $"{reason.Length} characters are more than the {ExperimentRules.MaxNote} there is room for. Shorten it.");
            else if (string.IsNullOrWhiteSpace(reason) && blueprint.Goal.Guardrails.FirstOrDefault(g => g.Outcome == name) is { } theirs && theirs.MarginRelative != margin)
                fault($"guardrails[{i}].reason", FormattableString.Invariant($"the blueprint lets {shown} get {100 * theirs.MarginRelative:0.###}% worse. Say why this experiment has another margin, or leave it out."));
        }
    }
}

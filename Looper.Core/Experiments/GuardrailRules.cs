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
            .. blueprint.Goal.Guardrails.Select(g => own.LastOrDefault(o => o.Outcome == g.Outcome) ?? g),
            .. own.Where(o => blueprint.Goal.Guardrails.All(g => g.Outcome != o.Outcome)),
        ];
    }

    /// <summary>Outcomes and metrics that must not get worse.</summary>
    public static IReadOnlyList<string> Names(ExperimentPlan plan, BlueprintContent blueprint) =>
    [
        .. Of(plan, blueprint).Select(g => g.Outcome),
        .. plan.Metrics.IsDefault ? [] : plan.Metrics.Where(m => m.Role == MetricRole.Guardrail).Select(m => m.Key),
    ];

    internal static void Check(ExperimentPlan plan, BlueprintContent blueprint, Action<string, string> fault)
    {
        if (plan.Guardrails.IsDefaultOrEmpty) return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < plan.Guardrails.Length; i++)
        {
            var (name, margin) = (plan.Guardrails[i]?.Outcome ?? "", plan.Guardrails[i]?.MarginRelative);
            var shown = ExperimentRules.Shown(name);
            if (!blueprint.Outcomes.Any(o => o.Name == name))
                fault($"guardrails[{i}].outcome", $"outcome '{shown}' is not in this blueprint. Choose one of {string.Join(", ", blueprint.Outcomes.Select(o => o.Name))}; a metric of the plan has its margin with it.");
            else if (name == ExperimentRules.PrimaryOutcome(plan, blueprint))
                fault($"guardrails[{i}].outcome", $"'{shown}' decides this experiment, so it is no guardrail. Choose another outcome.");
            else if (!seen.Add(name)) fault($"guardrails[{i}].outcome", $"'{shown}' is there twice. Remove one of them.");
            if (margin is not (>= 0 and <= 1))
                fault($"guardrails[{i}].marginRelative", $"how much worse {shown} may get is a fraction from 0 to 1 of the baseline: 0.01 for 1%.");
        }
    }
}

using Looper.Core.Blueprints;
using Looper.Core.Experiments;

namespace Looper.Core.Personalization;

/// <summary>The option that each arm always gives: what the leaves of a rule can be.</summary>
internal static class ArmOptions
{
    /// <summary>Null where the arm gives more than one.</summary>
    public static string? Of(Arm arm, BlueprintContent blueprint) => arm switch
    {
        { Option: { } option } => option,
        { Policy: FixedPolicy policy } => policy.Option,
        { Policy: null, BlueprintVersion: null } when blueprint.Policy is FixedPolicy policy => policy.Option,
        _ => null,
    };

    /// <summary>Why no rule between the arms can be served; null when one can.</summary>
    public static string? WhyNone(ExperimentPlan plan, BlueprintContent blueprint)
    {
        if (blueprint.Shape is DecisionShape.Value or DecisionShape.Configuration) return "This decision point answers with numbers; a rule chooses between options.";
        if (blueprint.Shape.TakesCandidates()) return "The options of this decision point come with each call; a rule needs options that stay.";
        string[] several = [.. plan.Arms.Where(a => Of(a, blueprint) is null).Select(a => a.Key)];
        return several.Length == 0 ? null : $"{string.Join(" and ", several)} {(several.Length == 1 ? "gives" : "give")} more than one option, so there is no option a rule could name. Compare fixed options to make a rule from their effects.";
    }
}

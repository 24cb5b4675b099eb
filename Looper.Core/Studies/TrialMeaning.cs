using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Optimization;

namespace Looper.Core.Studies;

/// <summary>What the values of a trial mean in a version: the policy that they make of it, and what that is judged by.</summary>
internal static class TrialMeaning
{
    /// <summary>As text, which differs where the meaning does: neither with the version's own values, nor with who is given it, nor with what it was made from. Null where the version
    /// has no such numbers.</summary>
    public static string? Of(BlueprintContent stored, ImmutableSortedDictionary<string, ParameterValue> values, StudyPlan plan)
    {
        if (PolicyParameters.With(stored, values) is not { } policy) return null;
        string[] judges = [.. stored.Goal.Terms.Select(t => t.Outcome), .. plan.Goals.Select(g => g.Metric), .. plan.Guardrails.Select(g => g.Metric)];
        return BlueprintJson.Write(new()
        {
            Shape = stored.Shape, Options = [.. BlueprintJson.WithOptions(stored).Options.Select(o => new Option(o.Key))], Default = "",
            Policy = policy is TreePolicy rule ? rule with { MadeFrom = null } : policy,
            Goal = new() { Terms = [.. stored.Goal.Terms.OrderBy(t => t.Outcome, StringComparer.Ordinal)] },
            Outcomes = [.. stored.Outcomes.Where(o => judges.Contains(o.Name)).OrderBy(o => o.Name, StringComparer.Ordinal).Select(o => o with { Description = null, UnitOfMeasure = null })],
        });
    }
}

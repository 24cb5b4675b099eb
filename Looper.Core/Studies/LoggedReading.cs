using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Optimization;
using Looper.Core.Policies;

namespace Looper.Core.Studies;

/// <summary>What the value of a policy on logged decisions says of a trial. Pure.</summary>
/// <param name="Metrics">By name: relative change against what was served; null when one of them cannot be told.</param>
/// <param name="Note">Why not, or what keeps them from being taken at their word; null without.</param>
internal sealed record LoggedReading(ImmutableSortedDictionary<string, TrialMetric>? Metrics, string? Note)
{
    /// <summary>Code of the refusal that no other setting could mend.</summary>
    public const string TooFew = "too-few-decisions";

    /// <summary>The blueprint to be judged for a trial: its values, its own goal, and every other metric of the study among the outcomes that are estimated.</summary>
    /// <returns>Null when the policy does not have the numbers.</returns>
    public static BlueprintContent? Judged(StudyPlan plan, BlueprintContent content, ImmutableSortedDictionary<string, ParameterValue> values)
    {
        if (PolicyParameters.With(content, values) is not { } policy) return null;
        var others = StudyAnalysis.ProblemOf(plan).Metrics.Where(m => content.Goal.Terms.All(t => t.Outcome != m));
        return content with { Policy = policy, Goal = content.Goal with { Guardrails = [.. others.Select(m => new Guardrail(m, 0))] } };
    }

    /// <param name="judged">What was judged: of several goals together the change is none of an outcome's.</param>
    public static LoggedReading Of(StudyPlan plan, BlueprintContent judged, PolicyEvaluationResult result)
    {
        if (result.Refused is { } why) return new(null, why);
        var metrics = ImmutableSortedDictionary.CreateBuilder<string, TrialMetric>(StringComparer.Ordinal);
        foreach (var name in StudyAnalysis.ProblemOf(plan).Metrics)
        {
            var change = name == result.Reward && judged.Goal.Terms.Length <= 1 ? result.Relative : result.Outcomes.FirstOrDefault(o => o.Outcome == name)?.Relative ?? Estimated.Undefined;
            if (!double.IsFinite(change.Value) || !double.IsFinite(change.StandardError))
                return new(null, $"The change of '{name}' cannot be told: on these decisions it is known too seldom, or is nothing on average.");
            metrics[name] = new(change.Value, change.StandardError);
        }
        return new(metrics.ToImmutable(), result.Warnings.IsEmpty ? null : string.Join(" ", result.Warnings));
    }
}

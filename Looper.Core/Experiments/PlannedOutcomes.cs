using Looper.Core.Blueprints;

namespace Looper.Core.Experiments;

/// <summary>What has to be observed for an experiment to be read as planned.</summary>
internal static class PlannedOutcomes
{
    /// <summary>Names of the outcomes that it is decided by, guarded by or measured with: they stay what they are while it runs.</summary>
    /// <param name="blueprint">Version that the plan was frozen with.</param>
    public static IEnumerable<string> Of(ExperimentPlan plan, BlueprintContent blueprint)
    {
        var metrics = plan.Metrics.IsDefault ? [] : plan.Metrics.SelectMany(m => new[] { m.Outcome, m.Denominator }.Concat(m.Steps.IsDefault ? [] : m.Steps));
        string?[] named = [ExperimentRules.PrimaryOutcome(plan, blueprint), .. blueprint.Goal.Terms.Select(t => t.Outcome), .. GuardrailRules.Of(plan, blueprint).Select(g => g.Outcome), .. metrics];
        return named.OfType<string>().Where(name => blueprint.Outcomes.Any(o => o.Name == name)).Distinct();
    }
}

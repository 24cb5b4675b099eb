using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

/// <summary>Keeps a publish from changing an arm of a running experiment. Arms that pin a blueprint version are safe by themselves.</summary>
internal static class UnderTest
{
    public static async Task<Refusal?> BlocksAsync(LooperDb db, DecisionPoint point, BlueprintContent current, BlueprintContent next, CancellationToken cancel)
    {
        var running = await db.Set<Experiment>().AsNoTracking()
            .Where(e => e.DecisionPointId == point.Id && e.State == ExperimentState.Running).ToListAsync(cancel);
        if (running.Count == 0) return null;
        var (stored, version) = (await StoredVersions.ReadAsync(db, point.Id, cancel), point.CurrentVersion + 1);
        foreach (var experiment in running)
        {
            var plan = ExperimentJson.ReadPlan(experiment.Plan);
            var why = Why(plan, current, next, stored.Contents.GetValueOrDefault(plan.BlueprintVersion))
                ?? (ExperimentCheck.Fault(ServedExperiment.Of(experiment, plan, _ => []), version, stored.Contents.SetItem(version, next)) is { } fault
                    ? $"it could not be served beside this version: {fault.Reason.TrimEnd('.')}" : null);
            if (why is not null)
                return new("blueprint.under-test",
                    $"Cannot publish: experiment `{experiment.Key}` is running, and {why}. Stop it first, or pin the arm to version {point.CurrentVersion} in a new experiment.");
        }
        return null;
    }

    /// <summary>What publishing would change for units under test; null when nothing.</summary>
    /// <param name="asked">The version whose outcomes the experiment's report reads; null where it is the current one, or cannot be read.</param>
    internal static string? Why(ExperimentPlan plan, BlueprintContent current, BlueprintContent next, BlueprintContent? asked = null)
    {
        if (BlueprintJson.Write(current with { Training = next.Training }) == BlueprintJson.Write(next)) return null; // how models are made decides nothing by itself
        if (current.Rollout != next.Rollout) return "the rollout decides who is in it";
        if (plan.Arms.FirstOrDefault(a => a is { Option: null, Policy: null, BlueprintVersion: null }) is { } open) return $"its arm `{open.Key}` is whatever the current version does";
        // An arm that pins the plan's version keeps asking for its outcomes.
        var needed = plan.Arms.Any(a => a.BlueprintVersion == plan.BlueprintVersion) ? [] : PlannedOutcomes.Of(plan, asked ?? current);
        if (needed.FirstOrDefault(name => KindOf(current, name) is { } kind && KindOf(next, name) != kind) is { } outcome)
            return $"it is read by outcome `{outcome}`, which would be gone or of another kind";
        bool HasMoved(string? feature) => feature is not null && current.Features.FirstOrDefault(c => c.Name == feature)?.Kind != next.Features.FirstOrDefault(n => n.Name == feature)?.Kind;
        if (plan.Audience.FirstOrDefault(f => HasMoved(f.Feature)) is { } condition) return $"its audience asks for feature `{condition.Feature}`, which would be gone or of another kind";
        if (HasMoved(plan.Cluster)) return $"its arms go by feature `{plan.Cluster}`, which would be gone or of another kind";
        if (HasMoved(plan.Switchback?.Region)) return $"its slots go by feature `{plan.Switchback!.Region}`, which would be gone or of another kind";
        if ((current.Shape, current.Positions) != (next.Shape, next.Positions) && plan.Arms.FirstOrDefault(a => a.BlueprintVersion is not null) is { } pinned)
            return $"its arm `{pinned.Key}` is version {pinned.BlueprintVersion}, which would answer otherwise than the version beside it";
        if (plan.Arms.FirstOrDefault(a => a.Policy is TreePolicy rule && RuleCheck.Fault(rule, next, "policy") is not null) is { } ruled)
            return $"the rule of its arm `{ruled.Key}` reads a feature or answers an option that would be gone or of another kind";
        var options = next.Shape.TakesCandidates() ? [DecisionShapes.AsSent] : AnswerRules.OptionKeys(next);
        if (current.Shape == DecisionShape.Configuration && plan.Arms.FirstOrDefault(a => (a.Option ?? (a.Policy as FixedPolicy)?.Option) is { } values && Configuration.Parse(values, next.Parameters, out _) is null) is { } outside)
            return $"its arm `{outside.Key}` has values that the parameters would no longer allow";
        if (plan.Arms.FirstOrDefault(a => a.Option is not null && current.Shape is not (DecisionShape.Value or DecisionShape.Configuration) && !options.Contains(a.Option)) is { } gone)
            return $"its arm `{gone.Key}` needs the option `{gone.Option}`, which would be gone";
        if (plan.Arms.FirstOrDefault(a => a.Policy is not null) is { } policy && (current.Shape != next.Shape
            || !AnswerRules.OptionKeys(current).SequenceEqual(options) || !current.Goal.Terms.SequenceEqual(next.Goal.Terms)))
            return $"the policy of its arm `{policy.Key}` would choose among other options or for another goal";
        return null;
    }

    private static OutcomeKind? KindOf(BlueprintContent content, string outcome) => content.Outcomes.FirstOrDefault(o => o.Name == outcome)?.Kind;
}

using System.Buffers.Binary;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Personalization;

/// <summary>Asks for effects.</summary>
public sealed class EffectActions(IDbContextFactory<LooperDb> databases, JobRequests requests)
{
    /// <summary>Queues a run that estimates for whom the arms of an experiment work.</summary>
    /// <returns>The run's id.</returns>
    public async Task<Answered<Guid>> StartAsync(Caller caller, Guid experimentId, EffectRequest request, CancellationToken cancel)
    {
        if (caller.Lacks(JobKinds.Needs(JobKinds.EstimateEffects)) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.Id == experimentId, cancel) is not { } experiment) return ExperimentActions.Unknown(experimentId);
        if (experiment.State == ExperimentState.Draft)
            return new Refusal("experiment.not-started", $"'{experiment.Key}' has not been started, so nobody has seen its arms. Start it first.");
        if (!EffectInput.Learners.Contains(request.Learner))
            return new Refusal("effects.invalid", $"Learner: '{request.Learner}' is none of {string.Join(", ", EffectInput.Learners)}. `auto` weighs them all.", "learner");
        var (plan, blueprint) = await PlanAsync(db, experiment, cancel);
        if (!plan.IsPlain)
        {
            return new Refusal("effects.not-by-unit",
                $"'{experiment.Key}' gives its arms to clusters, to slots of time, or by shares that follow the outcomes. Effects by group need arms given to single units, with shares that stay.");
        }
        var primary = ExperimentRules.PrimaryOutcome(plan, blueprint) ?? "";
        var metric = EffectMetric.Find(MetricSpecs.Of(plan, primary, blueprint), primary, blueprint, request.Metric);
        if (metric.Refusal is { } unfit) return unfit;
        // the seed belongs to the experiment, so that asking again with the same events gives the same numbers
        var input = new EffectInput(experimentId, metric.Value!.Key, request.Learner, BinaryPrimitives.ReadInt64LittleEndian(experimentId.ToByteArray().AsSpan(8)));
        return await requests.EnqueueAsync(caller, JobKinds.EstimateEffects, experiment.DecisionPointId, experiment.Key, input.Write(), cancel);
    }

    internal static async Task<(ExperimentPlan Plan, BlueprintContent Blueprint)> PlanAsync(LooperDb db, Experiment experiment, CancellationToken cancel)
    {
        var plan = ExperimentJson.ReadPlan(experiment.Plan);
        var version = plan.BlueprintVersion > 0 ? plan.BlueprintVersion
            : await db.Set<DecisionPoint>().Where(p => p.Id == experiment.DecisionPointId).Select(p => p.CurrentVersion).SingleAsync(cancel);
        return (plan, await StoredVersions.ServedAsync(db, experiment.DecisionPointId, version, cancel));
    }
}

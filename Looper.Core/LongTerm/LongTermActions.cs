using System.Buffers.Binary;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Personalization;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.LongTerm;

/// <summary>Asks for a prediction.</summary>
public sealed class LongTermActions(IDbContextFactory<LooperDb> databases, JobRequests requests)
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromMinutes(1);

    /// <summary>Queues a run that predicts what the arms of an experiment will have done to a metric.</summary>
    /// <returns>The run's id.</returns>
    public async Task<Answered<Guid>> StartAsync(Caller caller, Guid experimentId, LongTermRequest request, CancellationToken cancel)
    {
        if (caller.Lacks(JobKinds.Needs(JobKinds.PredictLongTerm)) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.Id == experimentId, cancel) is not { } experiment) return ExperimentActions.Unknown(experimentId);
        if (experiment.State == ExperimentState.Draft)
            return new Refusal("experiment.not-started", $"'{experiment.Key}' has not been started, so nobody has seen its arms. Start it first.");
        if (experiment.IsImported)
            return new Refusal("long-term.imported", $"'{experiment.Key}' was imported, and a file says what came of its units but not when. Predicting from early outcomes takes the moment of each.");
        var (plan, blueprint) = await EffectActions.PlanAsync(db, experiment, cancel);
        if (!plan.IsPlain)
        {
            return new Refusal("long-term.not-by-unit",
                $"'{experiment.Key}' gives its arms to clusters, to slots of time, or by shares that follow the outcomes. Predicting takes arms given to single units, with shares that stay.");
        }
        var primary = ExperimentRules.PrimaryOutcome(plan, blueprint) ?? "";
        var specs = MetricSpecs.Of(plan, primary, blueprint);
        var found = EffectMetric.Find(specs, primary, blueprint, request.Metric);
        if (found.Refusal is { } unfit) return unfit with { Code = "long-term.invalid" };
        var metric = found.Value!;
        if (MayStayUnknown(metric, specs, blueprint))
        {
            return new Refusal("long-term.invalid", $"Metric: what came of a unit stays unknown where nothing of '{metric.Key}' is reported, and who reports may depend on the arm. "
                + "Choose a metric that has a value of every unit, such as a conversion or a sum.", "metric");
        }
        if (SpanOf(metric, request.Early) is not { } early)
        {
            return new Refusal("long-term.invalid", metric.Window < 2 * s_shortest
                ? $"Metric: '{metric.Key}' is known {DurationJson.Text(metric.Window)} after a unit’s first decision. There is nothing to predict of what is known so soon; choose a metric that takes longer."
                : $"Early: must be from {DurationJson.Text(s_shortest)} to less than {DurationJson.Text(metric.Window)}, which '{metric.Key}' takes to be known.", metric.Window < 2 * s_shortest ? "metric" : "early");
        }
        // the seed belongs to the experiment, so that asking again with the same events gives the same numbers
        var input = new LongTermInput(experimentId, metric.Key, early, BinaryPrimitives.ReadInt64LittleEndian(experimentId.ToByteArray().AsSpan(8)));
        return await requests.EnqueueAsync(caller, JobKinds.PredictLongTerm, experiment.DecisionPointId, experiment.Key, input.Write(), cancel);
    }

    /// <summary>A unit of which nothing is reported has no value: those that have one are no fair sample of either arm.</summary>
    internal static bool MayStayUnknown(EffectMetric metric, MetricSpecs specs, BlueprintContent blueprint) =>
        metric.Terms.Any(t => t.Spec.Value >= 0 && EarlyOutcome.Whole(specs, blueprint, t.Spec.Value) is { Counts: false, Outcome.Absent: null });

    /// <summary>How long early outcomes are read for: what is asked for, or a quarter of the metric's time, in whole days, hours or minutes.</summary>
    /// <returns>Null where it is too short or too long.</returns>
    internal static TimeSpan? SpanOf(EffectMetric metric, TimeSpan? asked)
    {
        var early = asked ?? Quarter(metric.Window);
        return early >= s_shortest && early < metric.Window ? early : null;
    }

    internal static TimeSpan Quarter(TimeSpan window)
    {
        var unit = window >= TimeSpan.FromDays(4) ? TimeSpan.TicksPerDay : window >= TimeSpan.FromHours(4) ? TimeSpan.TicksPerHour : TimeSpan.TicksPerMinute;
        return new(Math.Max(1, window.Ticks / 4 / unit) * unit);
    }
}

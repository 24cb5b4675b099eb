using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Models;

/// <summary>Starts trainings that nobody asked for: when there are enough closed decisions for a first model, and on the blueprint's schedule.</summary>
/// <remarks>One rule: what is new since the last training, in decisions. A training is one that was asked for, whatever came of it: what it had is not
/// new, and the clock runs from it, so that one that can make nothing is not asked for again each minute.</remarks>
public sealed class TrainingTriggers(IDbContextFactory<LooperDb> databases, ExampleReader examples, JobRequests requests, TimeProvider clock)
{
    /// <summary>After a training that led to no live model, the next waits until there is half as much data again.</summary>
    public const double MoreData = 1.5;

    /// <summary>Looks at every decision point once. One that cannot be read keeps none of the others from training.</summary>
    /// <returns>How many trainings were asked for.</returns>
    /// <exception cref="AggregateException">What failed, after all have been looked at.</exception>
    public async Task<int> CheckAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var points = await db.Set<DecisionPoint>().AsNoTracking().Where(p => !p.IsArchived && p.CurrentVersion > 0).ToListAsync(cancel);
        var (started, faults) = (0, new List<Exception>());
        foreach (var point in points)
        {
            try
            {
                if (await DueAsync(db, point, cancel) is not { } input) continue;
                var asked = await requests.EnqueueAsync(Caller.System, JobKinds.TrainModel, point.Id, point.Key, input.Write(), cancel);
                if (asked.Refusal is null) started++;
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                faults.Add(new InvalidOperationException($"Whether '{point.Key}' is due for a training could not be told.", fault));
            }
        }
        return faults.Count == 0 ? started : throw new AggregateException(faults);
    }

    private async Task<TrainingInput?> DueAsync(LooperDb db, DecisionPoint point, CancellationToken cancel)
    {
        var content = await StoredVersions.ServedAsync(db, point.Id, point.CurrentVersion, cancel);
        var goal = TrainingPipeline.GoalOutcomes(content);
        if (!content.Training.IsOn || goal.IsEmpty || content.Shape == DecisionShape.Configuration) return null; // settings are tuned, not predicted
        var last = await db.Set<JobRun>().AsNoTracking().Where(r => r.DecisionPointId == point.Id && r.Kind == JobKinds.TrainModel)
            .OrderByDescending(r => r.RequestedAt).FirstOrDefaultAsync(cancel);
        if (last is { IsOpen: true } || await TrainingPipeline.IsImportingAsync(db, point.Id, cancel)) return null;
        var live = await db.Set<Model>().Where(m => m.DecisionPointId == point.Id && m.State == ModelState.Live).Select(m => m.Outcome).ToListAsync(cancel);
        var hasLive = goal.All(o => live.Contains(o.Name)); // a goal is served by a model of each of its outcomes
        var trainedAt = last?.RequestedAt ?? await db.Set<Model>().Where(m => m.DecisionPointId == point.Id)
            .OrderByDescending(m => m.TrainedAt).Select(m => (DateTimeOffset?)m.TrainedAt).FirstOrDefaultAsync(cancel);
        var since = hasLive || trainedAt is not { } at ? default(GoalSince?) : GoalSince.Of(
            content, await db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == point.Id && b.Version <= point.CurrentVersion).ToListAsync(cancel), last?.StartedAt ?? at);
        var query = new ExampleQuery(point.Id, goal);
        var closed = await examples.CountClosedAsync(query, cancel);
        TrainingInput? Asked(long had, long fresh) => Due(content.Training, clock.GetUtcNow(), hasLive, trainedAt, had, fresh) is { } why ? new(why, Examples: closed, CountedAt: clock.GetUtcNow()) : null;
        if (trainedAt is not { } before || since is { WasTried: false }) return Asked(had: 0, fresh: closed);
        var arrived = await examples.CountClosedAsync(query with { From = (query with { AsOf = before, ClosedOnly = true }).EndAt(before) }, cancel);
        var counted = last is null ? 0 : TrainingCounts.Of(last);
        var had = counted > 0 ? Math.Min(counted, closed - arrived) : closed - arrived; // what was imported since is new, however old it is; what was removed is gone
        var fresh = closed - had;
        if (since?.Counts is { } from) had = Math.Clamp(await examples.CountClosedAsync(query with { From = from }, cancel) - arrived, 0, had);
        return Asked(had, fresh);
    }

    /// <summary>Decides from what is known, and says why. All counts are of decisions whose windows are closed.</summary>
    /// <param name="hasLive">Every outcome of the goal has a live model.</param>
    /// <param name="trainedAt">When the last training was asked for; null before the first.</param>
    /// <param name="had">Decisions there that it could learn this goal from; 0 where none has tried to.</param>
    /// <param name="fresh">Decisions there that it did not have.</param>
    internal static string? Due(TrainingPlan plan, DateTimeOffset now, bool hasLive, DateTimeOffset? trainedAt, long had, long fresh)
    {
        var all = had + fresh;
        if (!plan.IsOn || (!hasLive && (plan.FirstModelAt <= 0 || all < plan.FirstModelAt))) return null;
        if (!hasLive && all >= had * MoreData) return "enough outcomes";
        if (hasLive && plan.RetrainAfter is { } more && fresh >= more) return "enough new outcomes";
        return plan.RetrainEvery is { } every && trainedAt is { } at && now - at >= every && fresh > 0 ? "schedule" : null;
    }
}

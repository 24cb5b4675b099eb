using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Models;

/// <summary>Starts trainings that nobody asked for: when there are enough closed examples for a first model, and on the blueprint's schedule.</summary>
public sealed class TrainingTriggers(IDbContextFactory<LooperDb> databases, ExampleReader examples, JobRequests requests, TimeProvider clock)
{
    /// <summary>After a training that led to no live model, the next waits until there is half as much data again.</summary>
    public const double MoreData = 1.5;

    /// <summary>Looks at every decision point once.</summary>
    /// <returns>How many trainings were asked for.</returns>
    public async Task<int> CheckAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var points = await db.Set<DecisionPoint>().AsNoTracking().Where(p => !p.IsArchived && p.CurrentVersion > 0).ToListAsync(cancel);
        var started = 0;
        foreach (var point in points)
        {
            if (await DueAsync(db, point, cancel) is not { } input) continue;
            var asked = await requests.EnqueueAsync(Caller.System, JobKinds.TrainModel, point.Id, point.Key, input.Write(), cancel);
            if (asked.Refusal is null) started++;
        }
        return started;
    }

    private async Task<TrainingInput?> DueAsync(LooperDb db, DecisionPoint point, CancellationToken cancel)
    {
        var content = BlueprintJson.Served(
            await db.Set<Blueprint>().Where(b => b.DecisionPointId == point.Id && b.Version == point.CurrentVersion).Select(b => b.Content).SingleAsync(cancel));
        var goal = content.Outcomes.Where(o => content.Goal.Terms.Any(t => t.Outcome == o.Name)).ToList();
        if (!content.Training.IsOn || goal.Count == 0 || content.Shape == DecisionShape.Configuration) return null; // settings are tuned, not predicted
        var last = await db.Set<JobRun>().AsNoTracking().Where(r => r.DecisionPointId == point.Id && r.Kind == JobKinds.TrainModel)
            .OrderByDescending(r => r.RequestedAt).FirstOrDefaultAsync(cancel);
        if (last is { IsOpen: true }) return null;
        var hasLive = await db.Set<Model>().AnyAsync(m => m.DecisionPointId == point.Id && m.State == ModelState.Live, cancel);
        var trained = await db.Set<Model>().Where(m => m.DecisionPointId == point.Id).OrderByDescending(m => m.TrainedAt)
            .Select(m => new { m.TrainedAt, m.Rows }).FirstOrDefaultAsync(cancel);
        var asked = last is null ? 0 : TrainingInput.Read(last.Input).Examples;
        var closed = await examples.CountClosedAsync(new ExampleQuery(point.Id, [.. goal]), cancel);
        return Due(content.Training, clock.GetUtcNow(), hasLive, trained?.TrainedAt, Math.Max(asked, trained?.Rows ?? 0), closed);
    }

    /// <summary>Decides from what is known.</summary>
    /// <param name="trainedAt">When the newest model was made; null before the first.</param>
    /// <param name="tried">Examples that the last training had.</param>
    /// <param name="closed">Examples there are now.</param>
    internal static TrainingInput? Due(TrainingPlan plan, DateTimeOffset now, bool hasLive, DateTimeOffset? trainedAt, long tried, long closed)
    {
        if (!plan.IsOn || plan.FirstModelAt <= 0 || closed < plan.FirstModelAt) return null;
        if (!hasLive && (tried == 0 || closed >= tried * MoreData)) return new("enough outcomes", Examples: closed);
        if (hasLive && plan.RetrainAfter is { } more && closed >= tried + more) return new("enough new outcomes", Examples: closed);
        return plan.RetrainEvery is { } every && trainedAt is { } at && now - at >= every && closed > tried ? new("schedule", Examples: closed) : null;
    }
}

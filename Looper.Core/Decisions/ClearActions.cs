using Looper.Core.Access;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

/// <summary>What a clearing took away.</summary>
public sealed record ClearedEvents(long Decisions, long Observations);

/// <summary>Removes what a decision point has logged. Its blueprints, models and reports stay.</summary>
public sealed class ClearActions(IDbContextFactory<LooperDb> databases, NotedRemovals removals, ExampleReader examples)
{
    /// <summary>Decisions that a clearing would take now: those that came and were not removed for their age.</summary>
    public Task<long> CountAsync(Guid decisionPointId, CancellationToken cancel) => examples.CountClosedAsync(new ExampleQuery(decisionPointId, []), cancel); // without outcomes no window is open

    /// <param name="confirm">The key typed again.</param>
    public async Task<Answered<ClearedEvents>> ClearAsync(Caller caller, string key, string confirm, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Administer) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { } point) return DecisionPointActions.Unknown(key);
        if (confirm != key) return new Refusal("clear.invalid", $"Confirm: type `{key}` exactly, because the data cannot be brought back.", "confirm");
        if (await db.Set<Experiment>().AnyAsync(e => e.DecisionPointId == point.Id && e.State == ExperimentState.Running, cancel))
            return new Refusal("decision-point.under-test", $"An experiment is running on `{key}` and would lose its exposures. Stop it first.");
        var removed = await removals.RunAsync(caller, RemovalOrder.OfPoint(point.Id), cancel);
        return new ClearedEvents(removed.Decisions, removed.Observations);
    }
}

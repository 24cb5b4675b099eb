using Looper.Core.Access;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

/// <summary>What a clearing took away.</summary>
public sealed record ClearedEvents(long Decisions, long Observations);

/// <summary>Removes what a decision point has logged. Its blueprints, models and reports stay.</summary>
public sealed class ClearActions(IDbContextFactory<LooperDb> databases, Journal journal, TimeProvider clock, ChangeFeed changes)
{
    /// <param name="confirm">The key typed again.</param>
    public async Task<Answered<ClearedEvents>> ClearAsync(Caller caller, string key, string confirm, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Administer) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { } point) return DecisionPointActions.Unknown(key);
        if (confirm != key) return new Refusal("clear.invalid", $"Confirm: type `{key}` exactly, because the data cannot be brought back.", "confirm");
        if (await db.Set<Experiment>().AnyAsync(e => e.DecisionPointId == point.Id && e.State == ExperimentState.Running, cancel))
            return new Refusal("decision-point.under-test", $"An experiment is running on `{key}` and would lose its exposures. Stop it first.");
        // From the first row on it goes to its end, whoever has stopped waiting for it: half of it gone and no word of it in the audit would help nobody.
        var removed = await journal.RemoveAsync(point.Id, CancellationToken.None);
        db.Add(AuditEntry.Of(caller, "decision-point.cleared", key, clock.GetUtcNow(), before: new { removed.Decisions, removed.Observations }));
        await db.SaveChangesAsync(CancellationToken.None);
        changes.Announce(ChangeKind.DecisionPoint, point.Id);
        return new ClearedEvents(removed.Decisions, removed.Observations);
    }
}

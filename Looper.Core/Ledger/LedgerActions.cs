using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Ledger;

/// <summary>Asks that a gain is measured now rather than within a day.</summary>
public sealed class LedgerActions(IDbContextFactory<LooperDb> databases, JobRequests requests)
{
    /// <returns>The run's id.</returns>
    public async Task<Answered<Guid>> MeasureAsync(Caller caller, string key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { } point) return DecisionPointActions.Unknown(key);
        return point.CurrentVersion == 0
            ? new Refusal("decision-point.not-published", $"'{key}' has not been published, so nothing has been decided.")
            : await requests.EnqueueAsync(caller, JobKinds.MeasureGain, point.Id, key, "{}", cancel);
    }
}

using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>Experiments whose arms were drawn for groups of units or slots of time.</summary>
/// <remarks>The sample there is the group or the slot. Values of policies count units, so intervals would be far too narrow; decisions of such experiments are left out of them.</remarks>
internal static class GroupLots
{
    public static async Task<IReadOnlySet<Guid>> ReadAsync(LooperDb db, Guid decisionPoint, CancellationToken cancel)
    {
        var plans = await db.Set<Experiment>().AsNoTracking().Where(e => e.DecisionPointId == decisionPoint).Select(e => new { e.Id, e.Plan }).ToListAsync(cancel);
        return plans.Where(e => ExperimentJson.ReadPlan(e.Plan) is { Cluster: not null } or { Switchback: not null }).Select(e => e.Id).ToHashSet();
    }
}

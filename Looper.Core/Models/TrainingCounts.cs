using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Models;

/// <summary>Counts what a training will have, so that the next can tell what came since: what is imported later is new, however old its decisions are.</summary>
public sealed class TrainingCounts(ExampleReader examples, TimeProvider clock)
{
    // From counting to asking.
    private static readonly TimeSpan s_atOnce = TimeSpan.FromMinutes(1);

    /// <summary>The input with the number of closed decisions there are now.</summary>
    public async Task<TrainingInput> CountAsync(LooperDb db, Guid point, TrainingInput input, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(input);
        var version = await db.Set<DecisionPoint>().Where(p => p.Id == point).Select(p => p.CurrentVersion).SingleAsync(cancel);
        try
        {
            var goal = TrainingPipeline.GoalOutcomes(await StoredVersions.ServedAsync(db, point, version, cancel));
            return goal.IsEmpty ? input : input with { Examples = await examples.CountClosedAsync(new(point, goal), cancel), CountedAt = clock.GetUtcNow() };
        }
        catch (UnreadableVersionException)
        {
            return input; // its run says so
        }
    }

    /// <summary>What was counted for this very run; 0 where nobody did: one that a person runs again has the count of the first.</summary>
    internal static long Of(Runs.JobRun run)
    {
        var input = TrainingInput.Read(run.Input);
        var isOwn = input.CountedAt is { } at ? run.RequestedAt - at < s_atOnce : run.RequestedBy == Access.Caller.System.Name; // earlier versions did not say when
        return isOwn ? input.Examples : 0;
    }
}

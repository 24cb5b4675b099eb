using Looper.Core.Serving;

namespace Looper.InProcess.Snapshots;

/// <summary>A decision point as it is decided here.</summary>
/// <param name="Point">Compiled.</param>
/// <param name="RefreshedAt">When Looper said last that it is current, by the clock's timestamp; null of one that an earlier process kept.</param>
internal sealed record HeldSnapshot(DecisionPointSnapshot Point, long? RefreshedAt)
{
    private static readonly ServingSnapshot s_stale = ServingSnapshot.Empty.Marked(isStale: true);

    /// <summary>What the engine is told of freshness; of the snapshot around a decision point it asks nothing else.</summary>
    public static ServingSnapshot Around(bool isStale) => isStale ? s_stale : ServingSnapshot.Empty;
}

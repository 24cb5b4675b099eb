using Looper.Core.Events;
using Looper.Core.Serving;

namespace Looper.Web.Api;

/// <summary>What the items of one batch have in common: what they are decided by, when, and whether the journal would let them in, asked item by item before work is spent on
/// one. A decision point that was refused is refused for the rest of the batch without asking again.</summary>
internal sealed class BatchRoom(Journal journal, ServingSnapshot snapshot, DateTimeOffset at)
{
    private Guid _full;
    private int _taken;

    /// <summary>Decides all of them: none is of a version that came after their time.</summary>
    public ServingSnapshot Snapshot { get; } = snapshot;

    /// <summary>The time of all that look at no history; what is known of a unit may be newer.</summary>
    public DateTimeOffset At { get; } = at;

    /// <summary>What their records are written in.</summary>
    public RecordBytes Bytes { get; } = new();

    /// <summary>For one more record of the decision point, beside those it said yes to.</summary>
    public bool HasNext(Guid decisionPointId)
    {
        if (decisionPointId == _full) return false;
        if (journal.HasRoom(decisionPointId, _taken + 1))
        {
            _taken++;
            return true;
        }
        _full = decisionPointId;
        return false;
    }
}

using Looper.Core.Events;

namespace Looper.Web.Api;

/// <summary>Whether the journal would let in what a batch asks for, item by item: asked before work is spent on one. A decision point that was refused is refused
/// for the rest of the batch without asking again.</summary>
internal sealed class BatchRoom(Journal journal, DateTimeOffset at)
{
    private Guid _full;
    private int _taken;

    /// <summary>The time of all its decisions.</summary>
    public DateTimeOffset At { get; } = at;

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

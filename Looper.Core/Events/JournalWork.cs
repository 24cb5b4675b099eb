using System.Runtime.InteropServices;
using Looper.Core.Events.Sqlite;
using Looper.Core.Metering;

namespace Looper.Core.Events;

/// <summary>What the journal's thread has done for whom: its processor time since the last group, shared by the rows of each decision point. Used by that thread alone.</summary>
internal sealed class JournalWork(WorkMeter meter)
{
    private readonly Dictionary<Guid, (long Rows, long Decisions, long Outcomes, long Bytes)> _group = [];
    private long _since;

    /// <summary>On the thread, before its first group.</summary>
    public void Begin() => _since = ThreadProcessor.Nanoseconds;

    /// <summary>A decision was written, of so many bytes.</summary>
    /// <param name="isImported">It was made elsewhere, and nobody obtained features for it.</param>
    public void Wrote(Guid point, int bytes, bool isImported)
    {
        ref var sum = ref Of(point);
        sum = (sum.Rows + 1, sum.Decisions + (isImported ? 0 : 1), sum.Outcomes, sum.Bytes + bytes);
    }

    /// <summary>Outcomes were counted in a group that was committed.</summary>
    public void Counted(Guid point, in PointGain gain)
    {
        ref var sum = ref Of(point);
        (sum.Rows, sum.Outcomes) = (sum.Rows + Math.Max(0, gain.Outcomes), sum.Outcomes + Math.Max(0, gain.Outcomes));
    }

    /// <summary>The group was not written.</summary>
    public void Forget() => _group.Clear();

    /// <summary>The group is committed.</summary>
    public void End()
    {
        var now = ThreadProcessor.Nanoseconds;
        var (took, rows) = (now - _since, 0L);
        _since = now;
        foreach (var (_, sum) in _group) rows += sum.Rows;
        if (rows == 0) meter.Add(new(WorkMeter.Shared, WorkKind.Storage, took));
        else foreach (var (point, sum) in _group) meter.Add(new(point, WorkKind.Storage, (long)(took * ((double)sum.Rows / rows)), sum.Decisions, sum.Outcomes, sum.Bytes));
        _group.Clear();
    }

    /// <summary>What was done since is for nobody: folding, removing, and groups that failed.</summary>
    public void Rest()
    {
        var now = ThreadProcessor.Nanoseconds;
        meter.Add(new(WorkMeter.Shared, WorkKind.Storage, now - _since));
        _since = now;
    }

    private ref (long Rows, long Decisions, long Outcomes, long Bytes) Of(Guid point) => ref CollectionsMarshal.GetValueRefOrAddDefault(_group, point, out _);
}

using System.Collections.Concurrent;
using Looper.Core.Events.Sqlite;

namespace Looper.Core.Events;

/// <summary>What has come in for a decision point since it was made. Decision times are the records', outcome times those of receipt.</summary>
public sealed record PointActivity(
    long Decisions, DateTimeOffset? FirstDecisionAt, DateTimeOffset? LastDecisionAt,
    long Outcomes, DateTimeOffset? FirstOutcomeAt, DateTimeOffset? LastOutcomeAt)
{
    public static PointActivity None { get; } = new(0, null, null, 0, null, null);
}

/// <summary>Counts and times per decision point, in memory from start; announces the first decision and the first outcome.</summary>
public sealed class EventActivity(ChangeFeed changes)
{
    private readonly ConcurrentDictionary<Guid, PointGain> _points = [];

    public PointActivity Of(Guid decisionPointId) => _points.TryGetValue(decisionPointId, out var gain)
        ? new(gain.Decisions, Time(gain.FirstDecision), Time(gain.LastDecision), gain.Outcomes, Time(gain.FirstOutcome), Time(gain.LastOutcome))
        : PointActivity.None;

    internal void Load(Guid decisionPointId, PointGain gain) => _points[decisionPointId] = gain;

    internal void Forget(Guid decisionPointId) => _points.TryRemove(decisionPointId, out _);

    /// <summary>Called by the journal's writer alone, after the commit.</summary>
    internal void Add(Guid decisionPointId, PointGain gain)
    {
        var before = _points.GetValueOrDefault(decisionPointId, PointGain.None);
        _points[decisionPointId] = before.Plus(gain);
        if (before.Decisions == 0 && gain.Decisions > 0) changes.Announce(ChangeKind.FirstDecision, decisionPointId);
        if (before.Outcomes == 0 && gain.Outcomes > 0) changes.Announce(ChangeKind.FirstOutcome, decisionPointId);
    }

    private static DateTimeOffset? Time(long ticks) => ticks is long.MaxValue or long.MinValue ? null : new DateTimeOffset(ticks, TimeSpan.Zero);
}

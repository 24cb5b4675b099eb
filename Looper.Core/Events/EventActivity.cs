namespace Looper.Core.Events;

/// <summary>What has come in for a decision point since it was made. Times are the server's.</summary>
public sealed record PointActivity(
    long Decisions, DateTimeOffset? FirstDecisionAt, DateTimeOffset? LastDecisionAt,
    long Outcomes, DateTimeOffset? FirstOutcomeAt, DateTimeOffset? LastOutcomeAt)
{
    public static PointActivity None { get; } = new(0, null, null, 0, null, null);
}

/// <summary>Counts and times per decision point, in memory from start; announces the first decision and the first outcome.</summary>
public sealed class EventActivity(ChangeFeed changes)
{
    public PointActivity Of(Guid decisionPointId) => throw new NotImplementedException(changes.ToString() + decisionPointId);
}

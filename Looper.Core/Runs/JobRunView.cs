namespace Looper.Core.Runs;

/// <summary>A run as people see it.</summary>
/// <param name="DecisionPointKey">Null for work of the installation, or when the decision point is gone.</param>
/// <param name="Percent">0 to 100.</param>
/// <param name="Result">One sentence: what came out, or why it failed and what to do.</param>
public sealed record JobRunView(
    Guid Id, string Kind, string? DecisionPointKey, JobState State, string Phase, double Percent, string? Result, string RequestedBy,
    DateTimeOffset RequestedAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, long Starts)
{
    public string Title => JobKinds.Title(Kind);
    public bool IsOpen => State is JobState.Queued or JobState.Running or JobState.Cancelling;
}

public sealed record JobLogView(long Id, DateTimeOffset At, string Text);

/// <param name="DecisionPointId">Only this decision point's runs; null all.</param>
/// <param name="OpenOnly">Only queued, running and cancelling ones.</param>
/// <param name="Before">Runs asked for before this id (ids are ordered by time), for the next page; null from the newest.</param>
public sealed record JobRunFilter(Guid? DecisionPointId = null, string? Kind = null, bool OpenOnly = false, Guid? Before = null, int Take = 50);

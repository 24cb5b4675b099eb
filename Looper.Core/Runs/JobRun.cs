namespace Looper.Core.Runs;

public enum JobState
{
    Queued,
    Running,
    Cancelling,
    Done,
    Failed,
    Cancelled,
}

/// <summary>One run of a job: its progress survives a restart, and its token fences off a run that lost its lease.</summary>
public sealed class JobRun
{
    public Guid Id { get; init; }

    /// <summary>What kind of work: <c>train-model</c>, <c>import</c>…</summary>
    public string Kind { get; init; } = "";

    public Guid? DecisionPointId { get; init; }

    /// <summary>JSON of the job's input: ids, never entities.</summary>
    public string Input { get; init; } = "{}";

    public JobState State { get; set; }
    public string Phase { get; set; } = "";
    public double Percent { get; set; }

    /// <summary>One sentence: what came out, or why it failed and what to do.</summary>
    public string? Result { get; set; }

    public string RequestedBy { get; init; } = "";
    public DateTimeOffset RequestedAt { get; init; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }
    public DateTimeOffset? HeartbeatAt { get; set; }

    /// <summary>Grows with every start; a publish names it and changes nothing when it is old.</summary>
    public long Token { get; set; }
}

/// <summary>A line of a run's log.</summary>
public sealed class JobLogLine
{
    public long Id { get; init; }
    public Guid JobRunId { get; init; }
    public DateTimeOffset At { get; init; }
    public string Text { get; init; } = "";
}

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

/// <summary>One run of a job: its progress survives a restart, and its token fences off a start that lost its lease.</summary>
public sealed class JobRun
{
    internal const int MostResult = 2_000;

    public Guid Id { get; init; }

    /// <summary>What kind of work: <c>train-model</c>, <c>import</c>…</summary>
    public string Kind { get; init; } = "";

    public Guid? DecisionPointId { get; init; }

    /// <summary>What it is for, as people read it: the key of the decision point, or of the experiment for the kinds that work on one.</summary>
    public string Subject { get; init; } = "";

    /// <summary>JSON of the job's input: ids, never entities.</summary>
    public string Input { get; init; } = "{}";

    /// <summary>Stands in the WHERE of every update, as <see cref="Token"/> does.</summary>
    public JobState State { get; set; }

    public string Phase { get; set; } = "";
    public double Percent { get; set; }

    /// <summary>How far the phase is in its own units, and how fast: <c>412,000 rows, 21,400 a second</c>. Empty where the percentage says it all.</summary>
    public string Detail { get; set; } = "";

    /// <summary>One sentence: what came out, or why it failed and what to do.</summary>
    public string? Result { get; set; }

    public string RequestedBy { get; init; } = "";
    public DateTimeOffset RequestedAt { get; init; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }
    public DateTimeOffset? HeartbeatAt { get; set; }

    /// <summary>Grows with every start; a publish names it and changes nothing when it is old.</summary>
    public long Token { get; set; }

    public bool IsOpen => State is JobState.Queued or JobState.Running or JobState.Cancelling;

    /// <summary>Another start takes over; the one before, should it still live, can change nothing from here on.</summary>
    public void Start(DateTimeOffset at)
    {
        Token++;
        State = JobState.Running;
        StartedAt ??= at;
        HeartbeatAt = at;
    }

    public void End(JobState state, string result, DateTimeOffset at)
    {
        State = state;
        Result = result.Length <= MostResult ? result : result[..MostResult];
        EndedAt = at;
        if (state == JobState.Done) Percent = 100;
    }

    /// <summary>Null on success, else why nothing changed.</summary>
    public Refusal? Cancel(DateTimeOffset at, string who)
    {
        switch (State)
        {
            case JobState.Queued:
                End(JobState.Cancelled, $"Cancelled by {who} before it started. Nothing was changed.", at);
                return null;
            case JobState.Running:
                State = JobState.Cancelling;
                return null;
            case JobState.Cancelling:
                return new("job.already-cancelling", "It is already being cancelled; this takes up to five seconds.");
            default:
                return new("job.ended", $"It ended as {State.ToString().ToLowerInvariant()}; there is nothing left to cancel.");
        }
    }
}

/// <summary>A line of a run's log.</summary>
public sealed class JobLogLine
{
    internal const int MostText = 4_000;

    public long Id { get; init; }
    public Guid JobRunId { get; init; }
    public DateTimeOffset At { get; init; }
    public string Text { get; init; } = "";

    /// <summary>As much of a text as a line holds.</summary>
    public static string Cut(string text) => text.Length <= MostText ? text : text[..MostText];
}

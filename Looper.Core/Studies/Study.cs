namespace Looper.Core.Studies;

public enum StudyState
{
    Draft,
    Running,

    /// <summary>Nothing new is tried until somebody resumes it; what is being measured is kept.</summary>
    Paused,

    /// <summary>Its budget is used up.</summary>
    Finished,

    /// <summary>Ended by a person.</summary>
    Stopped,
}

/// <summary>A Bayesian tuning run over parameters, judged by metrics.</summary>
public sealed class Study
{
    internal const int MaxReason = 2_000;

    private string? _reason; // of a trial's note, of what refused a batch: cut, because a study that cannot be saved goes nowhere

    public Guid Id { get; init; }
    public string Name { get; set; } = "";

    /// <summary>Whose policy is tuned; null for a study that an application or a simulator drives.</summary>
    public Guid? DecisionPointId { get; init; }

    public StudyState State { get; set; }

    /// <summary>JSON of a <see cref="StudyPlan"/>; frozen at start.</summary>
    public string Plan { get; set; } = "";

    /// <summary>Why it is paused or ended, in a sentence.</summary>
    public string? Reason { get => _reason; set => _reason = value is { Length: > MaxReason } ? $"{value[..(MaxReason - 1)]}…" : value; }

    public DateTimeOffset CreatedAt { get; init; }
    public string CreatedBy { get; init; } = "";
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>When the present batch was last read.</summary>
    public DateTimeOffset? ReadAt { get; set; }

    public long Revision { get; set; }

    public bool IsOver => State is StudyState.Finished or StudyState.Stopped;

    public Refusal? Start(StudyPlan frozen, DateTimeOffset at)
    {
        if (State != StudyState.Draft) return new("study.already-started", $"'{Name}' was started at {StartedAt:u}; its plan is frozen. Make a new study for another plan.");
        (State, StartedAt, Plan, Reason) = (StudyState.Running, at, StudyJson.Write(frozen), null);
        return null;
    }

    /// <summary>Towards safety: trials that are being measured run on, nothing new begins.</summary>
    public Refusal? Pause(string reason)
    {
        if (State != StudyState.Running) return NotRunning("pause");
        (State, Reason) = (StudyState.Paused, reason);
        return null;
    }

    public Refusal? Resume()
    {
        if (State != StudyState.Paused) return new("study.not-paused", $"'{Name}' is {Word}, so there is nothing to resume.");
        (State, Reason) = (StudyState.Running, null);
        return null;
    }

    public Refusal? End(StudyState how, string reason, DateTimeOffset at)
    {
        if (State is not (StudyState.Running or StudyState.Paused)) return NotRunning("stop");
        (State, Reason, EndedAt) = (how, reason, at);
        return null;
    }

    internal Refusal NotRunning(string what) => State == StudyState.Draft
        ? new("study.not-started", $"'{Name}' has not been started, so there is nothing to {what}. Start it first.")
        : new("study.not-running", $"'{Name}' is {Word}, so there is nothing to {what}.");

    private string Word => State.ToString().ToLowerInvariant();
}

public enum StudyTrialState
{
    /// <summary>Proposed; can still be struck out.</summary>
    Waiting,

    /// <summary>Being measured.</summary>
    Running,

    Measured,

    /// <summary>It gave no metrics, or was struck out; never tried again.</summary>
    Failed,
}

/// <summary>One setting of a study's parameters and what came of it.</summary>
public sealed class StudyTrial
{
    public Guid Id { get; init; }
    public Guid StudyId { get; init; }

    /// <summary>From 1 in its study.</summary>
    public int Number { get; init; }

    /// <summary>Trials of one batch run side by side; from 1.</summary>
    public int Batch { get; init; }

    public StudyTrialState State { get; set; }

    /// <summary>Estimated on logged decisions; nobody met it.</summary>
    public bool IsLogged { get; init; }

    /// <summary>JSON of the values by parameter.</summary>
    public string Parameters { get; init; } = "";

    /// <summary>JSON of the metrics by name; null before they are known.</summary>
    public string? Metrics { get; set; }

    /// <summary>Why this setting: <c>statusQuo</c>, <c>start</c>, <c>explore</c>, <c>exploit</c> or <c>repeat</c>.</summary>
    public string Why { get; init; } = "";

    /// <summary>Units or runs it was measured on; null where nobody counts.</summary>
    public long? Units { get; set; }

    /// <summary>Why it failed or ended early.</summary>
    public string? Note { get; set; }

    public DateTimeOffset AskedAt { get; init; }
    public DateTimeOffset? ToldAt { get; set; }
    public long Revision { get; set; }
}

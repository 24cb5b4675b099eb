namespace Looper.Core.Experiments;

public enum ExperimentState
{
    Draft,
    Running,
    Stopped,
}

/// <summary>How an experiment ended, in one word.</summary>
public enum Conclusion
{
    Won,
    Lost,
    Inconclusive,
    Invalid,
}

/// <summary>A randomised comparison of arms on units; exposure is the unit's first decision.</summary>
public sealed class Experiment
{
    public Guid Id { get; init; }
    public string Key { get; set; } = "";
    public string Name { get; set; } = "";
    public string? Hypothesis { get; set; }
    public Guid DecisionPointId { get; init; }
    public ExperimentState State { get; set; }

    /// <summary>JSON of an <see cref="ExperimentPlan"/>; frozen at start.</summary>
    public string Plan { get; set; } = "";

    /// <summary>The word of <see cref="Experiments.Conclusion"/> and, after a colon, what the person wrote.</summary>
    public string? Conclusion { get; set; }

    public DateTimeOffset CreatedAt { get; init; }
    public string CreatedBy { get; init; } = "";
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? StoppedAt { get; set; }

    /// <summary>Analysed from imported events rather than live ones.</summary>
    public bool IsImported { get; init; }

    /// <summary>Salt of the assignment; never changes.</summary>
    public long Salt { get; init; }

    public long Revision { get; set; }

    /// <summary>Begins assignment and freezes the plan; null on success, else why nothing changed.</summary>
    public Refusal? Start(ExperimentPlan frozen, DateTimeOffset at)
    {
        if (State != ExperimentState.Draft) return AlreadyStarted();
        (State, StartedAt, Plan) = (ExperimentState.Running, at, ExperimentJson.Write(frozen));
        return null;
    }

    /// <summary>Ends assignment for good; null on success, else why nothing changed.</summary>
    public Refusal? Stop(Conclusion conclusion, string? note, DateTimeOffset at)
    {
        if (State == ExperimentState.Draft)
            return new("experiment.not-started", $"'{Key}' has not been started, so there is nothing to stop. Delete the draft instead.");
        if (State == ExperimentState.Stopped)
            return new("experiment.already-stopped", $"'{Key}' was stopped at {StoppedAt:u}. A stopped experiment stays stopped: start a new one.");
        var word = conclusion.ToString().ToLowerInvariant();
        (State, StoppedAt, Conclusion) = (ExperimentState.Stopped, at, string.IsNullOrWhiteSpace(note) ? word : $"{word}: {note.Trim()}");
        return null;
    }

    internal Refusal AlreadyStarted() =>
        new("experiment.already-started", $"'{Key}' was started at {StartedAt:u}; its plan is frozen. Stop it and make a new experiment.");
}

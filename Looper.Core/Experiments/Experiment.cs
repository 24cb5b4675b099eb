namespace Looper.Core.Experiments;

public enum ExperimentState
{
    Draft,
    Running,

    /// <summary>No arm acts any more; what to do with the result is not decided.</summary>
    Stopped,

    /// <summary>An arm was made what everyone gets.</summary>
    Shipped,

    /// <summary>The baseline was made what everyone gets, or what was shipped was taken back.</summary>
    RolledBack,
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

    /// <summary>Steps of the plan's ramp that were taken.</summary>
    public int RampStep { get; private set; }

    /// <summary>When the last of them was taken.</summary>
    public DateTimeOffset? RampStepAt { get; private set; }

    /// <summary>Why the next one waits; null while nothing but time is in its way.</summary>
    public string? RampHeld { get; private set; }

    /// <summary>JSON of the <see cref="AllocationEpoch"/>s of an experiment whose shares follow the outcomes, oldest first; null for any other.</summary>
    public string? Allocation { get; private set; }

    /// <summary>When its shares were last looked at.</summary>
    public DateTimeOffset? AllocationAt { get; private set; }

    /// <summary>Why they stayed as they were; null where they moved, or would not have.</summary>
    public string? AllocationHeld { get; private set; }

    /// <summary>JSON of the <see cref="Tester"/>s; null for none. May change while it runs, because they are in no analysis.</summary>
    public string? Testers { get; set; }

    /// <summary>JSON of the <see cref="ApprovalRequest"/> that waits for another person; null for none.</summary>
    public string? Approval { get; private set; }

    /// <summary>Key of the arm that everyone gets since the decision; null before it and after it was taken back.</summary>
    public string? ShippedArm { get; private set; }

    /// <summary>Blueprint version that ships it.</summary>
    public int? ShippedVersion { get; private set; }

    /// <summary>Version that served before it; the same when shipping it changed nothing.</summary>
    public int? ShippedOver { get; private set; }

    public DateTimeOffset? ShippedAt { get; private set; }

    /// <summary>Analysed from imported events rather than live ones.</summary>
    public bool IsImported { get; init; }

    /// <summary>Salt of the assignment; never changes.</summary>
    public long Salt { get; init; }

    public long Revision { get; set; }

    /// <summary>Further rows of an imported one; null where none has a time.</summary>
    public void Extend(DateTimeOffset? from, DateTimeOffset? until)
    {
        if (from < StartedAt) StartedAt = from;
        if (until > StoppedAt) StoppedAt = until;
    }

    /// <summary>Begins assignment and freezes the plan; null on success, else why nothing changed.</summary>
    public Refusal? Start(ExperimentPlan frozen, DateTimeOffset at)
    {
        if (State != ExperimentState.Draft) return AlreadyStarted();
        (State, StartedAt, Plan, RampStepAt, Approval) = (ExperimentState.Running, at, ExperimentJson.Write(frozen), at, null);
        if (frozen.Bandit is not null) Allocation = ExperimentJson.Write([new AllocationEpoch(at, [.. frozen.Arms.Select(a => a.Weight)])]);
        return null;
    }

    /// <summary>Waits for another person from now on; null on success, else why nothing changed.</summary>
    public Refusal? AskApproval(ApprovalRequest request)
    {
        if (State != ExperimentState.Draft) return AlreadyStarted();
        if (ExperimentJson.ReadApproval(Approval) is { } waiting)
            return new("experiment.approval-waits", $"{waiting.AskedBy} asked at {waiting.AskedAt:u} already, and nobody has decided yet.");
        Approval = ExperimentJson.Write(request);
        return null;
    }

    /// <summary>Waits for nobody any more.</summary>
    internal void ForgetApproval() => Approval = null;

    /// <summary>Gives the arms other shares.</summary>
    internal void Allocate(System.Collections.Immutable.ImmutableArray<AllocationEpoch> epochs, DateTimeOffset at) =>
        (Allocation, AllocationAt, AllocationHeld) = (ExperimentJson.Write(epochs), at, null);

    /// <summary>Notes that the shares were looked at and stay.</summary>
    internal void KeepShares(string? why, DateTimeOffset at) => (AllocationAt, AllocationHeld) = (at, why is { Length: > 1_000 } ? why[..999] + "…" : why);

    /// <summary>Takes the next step of the ramp; null on success, else why nothing changed.</summary>
    /// <param name="steps">Steps the plan has.</param>
    public Refusal? TakeStep(int steps, DateTimeOffset at)
    {
        if (State != ExperimentState.Running) return new("experiment.not-running", $"'{Key}' is not running, so its traffic does not change.");
        if (RampStep >= steps) return new("experiment.ramp-finished", $"'{Key}' has all of its planned traffic already.");
        (RampStep, RampStepAt, RampHeld) = (RampStep + 1, at, null);
        return null;
    }

    /// <summary>Notes why the next step waits.</summary>
    public void Hold(string why) => RampHeld = why;

    /// <summary>Ends assignment for good; null on success, else why nothing changed.</summary>
    public Refusal? Stop(Conclusion conclusion, string? note, DateTimeOffset at)
    {
        if (State == ExperimentState.Draft)
            return new("experiment.not-started", $"'{Key}' has not been started, so there is nothing to stop. Delete the draft instead.");
        if (State != ExperimentState.Running)
            return new("experiment.already-stopped", $"'{Key}' was stopped at {StoppedAt:u}. A stopped experiment stays stopped: start a new one.");
        var word = conclusion.ToString().ToLowerInvariant();
        (State, StoppedAt, Conclusion) = (ExperimentState.Stopped, at, string.IsNullOrWhiteSpace(note) ? word : $"{word}: {note.Trim()}");
        return null;
    }

    /// <summary>Notes that <paramref name="arm"/> is what everyone gets; null on success, else why nothing changed.</summary>
    /// <param name="isBaseline">The arm is the baseline: that is a roll-back.</param>
    public Refusal? Ship(string arm, bool isBaseline, int version, int over, DateTimeOffset at)
    {
        if (MayNotShip() is { } refusal) return refusal;
        (State, ShippedArm, ShippedVersion, ShippedOver, ShippedAt) = (isBaseline ? ExperimentState.RolledBack : ExperimentState.Shipped, arm, version, over, at);
        return null;
    }

    /// <summary>Takes back what was shipped; null on success, else why nothing changed.</summary>
    public Refusal? Revert()
    {
        if (ShippedArm is null) return new("experiment.not-shipped", $"No arm of '{Key}' has been shipped, so there is nothing to take back.");
        // Taking the baseline back leaves the decision open again.
        State = State == ExperimentState.Shipped ? ExperimentState.RolledBack : ExperimentState.Stopped;
        (ShippedArm, ShippedVersion, ShippedOver, ShippedAt) = (null, null, null, null);
        return null;
    }

    internal Refusal? MayNotShip() =>
        State == ExperimentState.Draft ? new("experiment.not-started", $"'{Key}' has not been started, so there is no result to ship. Start it first.")
        : ShippedArm is { } arm ? new("experiment.already-shipped", $"Arm '{arm}' of '{Key}' was shipped at {ShippedAt:u}. Take it back first.")
        : State == ExperimentState.Running ? new("experiment.still-running", $"'{Key}' is running. Stop it first.")
        : null;

    internal Refusal AlreadyStarted() =>
        new("experiment.already-started", $"'{Key}' was started at {StartedAt:u}; its plan is frozen. Stop it and make a new experiment.");
}

namespace Looper.Core.Policies;

/// <summary>What a draft, or a policy, would have earned on logged decisions: made by a run, whose id it has. Never changes, but for what came
/// after it was published.</summary>
public sealed class PolicyEvaluation
{
    public Guid Id { get; init; }
    public Guid DecisionPointId { get; init; }

    /// <summary>SHA-256 of the content that was judged, as of a published version: what tells whether a version is the one foretold.</summary>
    public string Hash { get; init; } = "";

    public string Title { get; init; } = "";
    public string RequestedBy { get; init; } = "";
    public DateTimeOffset MadeAt { get; init; }

    /// <summary>JSON of a <see cref="PolicyEvaluationResult"/>.</summary>
    public string Result { get; init; } = "{}";

    /// <summary>The version it was published as; null as long as it was not.</summary>
    public int? LaunchedVersion { get; private set; }

    public DateTimeOffset? LaunchedAt { get; private set; }

    /// <summary>JSON of an <see cref="ObservedLift"/>; null until there was a look.</summary>
    public string? Observed { get; set; }

    public DateTimeOffset? ObservedAt { get; set; }

    /// <summary>Concurrency token.</summary>
    public long Revision { get; set; }

    /// <summary>Keeps the prediction with the version that was made of it.</summary>
    public void Launch(int version, DateTimeOffset at) => (LaunchedVersion, LaunchedAt) = (version, at);
}

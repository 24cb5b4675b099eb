namespace Looper.Core.Decisions;

/// <summary>The one editable blueprint of a decision point, or of a decision point that does not exist yet.</summary>
public sealed class Draft
{
    public Guid Id { get; init; }

    /// <summary>Null while the decision point is being created by the wizard.</summary>
    public Guid? DecisionPointId { get; set; }

    public string Key { get; set; } = "";
    public string Name { get; set; } = "";
    public string? Description { get; set; }

    /// <summary>JSON of a <see cref="Blueprints.BlueprintContent"/>; may be incomplete until published.</summary>
    public string Content { get; set; } = "";

    /// <summary>Where it comes from and what was estimated of it; the note of the version it becomes unless another is written. Gone once the policy
    /// is edited.</summary>
    public string? Note { get; set; }

    /// <summary>The decision point it makes is driven by the simulator.</summary>
    public bool IsSimulated { get; init; }

    public DateTimeOffset ChangedAt { get; set; }
    public string ChangedBy { get; set; } = "";

    /// <summary>Concurrency token and ETag.</summary>
    public long Revision { get; set; }
}

namespace Looper.Core.Decisions;

/// <summary>A published version: immutable, numbered from 1 per decision point, hashed over its canonical JSON.</summary>
public sealed class Blueprint
{
    public Guid Id { get; init; }
    public Guid DecisionPointId { get; init; }
    public int Version { get; init; }

    /// <summary>SHA-256 of the canonical JSON, lower-case hex.</summary>
    public string Hash { get; init; } = "";

    /// <summary>Canonical JSON of a <see cref="Blueprints.BlueprintContent"/>.</summary>
    public string Content { get; init; } = "";

    public string? Note { get; init; }
    public DateTimeOffset PublishedAt { get; init; }
    public string PublishedBy { get; init; } = "";

    /// <summary>The version whose content this one repeats, when it was made by going back.</summary>
    public int? RestoredFrom { get; init; }
}

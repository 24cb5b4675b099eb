using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>Where a decision point stands in the loop: the first that holds, from top to bottom.</summary>
public enum DecisionPointState
{
    Archived,
    Paused,
    Draft,
    Waiting,
    Experiment,
    Shadow,
    Training,
    Collecting,
    Deciding,
}

/// <summary>A decision point as lists and headers show it.</summary>
public sealed record DecisionPointView
{
    public required Guid Id { get; init; }
    public required string Key { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }
    public required DecisionPointState State { get; init; }

    /// <summary>What to do next, in one sentence.</summary>
    public required string NextStep { get; init; }

    /// <summary>The stored content of the current version can be read; else shape and goal are not known, and <see cref="NextStep"/> says what to do.</summary>
    public bool IsReadable { get; init; } = true;

    public required DecisionShape Shape { get; init; }
    public bool IsPaused { get; init; }
    public bool IsArchived { get; init; }
    public bool IsSimulated { get; init; }
    public required int CurrentVersion { get; init; }

    /// <summary>The goal in words: <c>conversion</c>, or <c>1 × purchase + 0.02 × revenue</c>.</summary>
    public required string Goal { get; init; }

    /// <summary>Id of the open draft, if there is one.</summary>
    public Guid? DraftId { get; init; }

    /// <summary>Number of the newest live model; null without one.</summary>
    public int? LiveModel { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
    public string CreatedBy { get; init; } = "";
    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>Since when it is paused; null while it is not.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    public long Revision { get; init; }
}

/// <summary>A published version with its content.</summary>
public sealed record BlueprintView
{
    public required Guid Id { get; init; }
    public required Guid DecisionPointId { get; init; }
    public required string Key { get; init; }
    public required int Version { get; init; }
    public required string Hash { get; init; }
    public required BlueprintContent Content { get; init; }
    public string? Note { get; init; }
    public required DateTimeOffset PublishedAt { get; init; }
    public required string PublishedBy { get; init; }
    public int? RestoredFrom { get; init; }
    public required bool IsCurrent { get; init; }
}

/// <summary>A row of the list of versions.</summary>
public sealed record VersionView
{
    public required int Version { get; init; }
    public required string Hash { get; init; }
    public string? Note { get; init; }
    public required DateTimeOffset PublishedAt { get; init; }
    public required string PublishedBy { get; init; }
    public int? RestoredFrom { get; init; }
    public required bool IsCurrent { get; init; }

    /// <summary>What changed against the version before, in words.</summary>
    public required string Change { get; init; }

    /// <summary>Numbers of the models trained for this version.</summary>
    public ImmutableArray<int> Models { get; init; } = [];

    /// <summary>Keys of the experiments with an arm that pins this version.</summary>
    public ImmutableArray<string> Experiments { get; init; } = [];

    /// <summary>Whether this version's data may train the current one, and why not.</summary>
    public required Compatibility TrainsCurrent { get; init; }
}

public sealed record DraftView
{
    public required Guid Id { get; init; }
    public Guid? DecisionPointId { get; init; }
    public required string Key { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }
    public required BlueprintContent Content { get; init; }

    /// <summary>Where it comes from and what was estimated of it; null when nobody said.</summary>
    public string? Note { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }
    public required string ChangedBy { get; init; }

    /// <summary>The ETag: send it back with a change.</summary>
    public required long Revision { get; init; }

    /// <summary>Version that serves while the draft is edited; 0 when nothing is published.</summary>
    public required int CurrentVersion { get; init; }

    /// <summary>All that keeps the draft from being published.</summary>
    public required IReadOnlyList<Refusal> Faults { get; init; }

    /// <summary>What may be published but deserves a second look.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

using System.Collections.Immutable;

namespace Looper.Core.Decisions.AsCode;

public enum PlannedAction
{
    /// <summary>A new decision point, with this as its first version.</summary>
    Create,

    /// <summary>The next version of one that is there.</summary>
    Publish,

    /// <summary>Its name or description alone.</summary>
    Describe,

    Unchanged,
}

/// <summary>What a file changes, or has changed, decision point by decision point in its order. What it does not name is left alone.</summary>
public sealed record ApplyPlan(ImmutableArray<PlannedPoint> Points)
{
    public bool HasChanges => Points.Any(p => p.Action != PlannedAction.Unchanged);
}

public sealed record PlannedPoint
{
    public required string DecisionPoint { get; init; }
    public required PlannedAction Action { get; init; }

    /// <summary>The version that serves before; 0 where there is none.</summary>
    public required int Version { get; init; }

    /// <summary>The version that serves after.</summary>
    public required int Becomes { get; init; }

    /// <summary>In one line: what changes, or of a new one what it does.</summary>
    public required string InWords { get; init; }

    /// <summary>Field by field, with what follows for live traffic and for training; empty for a new one.</summary>
    public ImmutableArray<BlueprintChange> Changes { get; init; } = [];

    /// <summary>Whether what is logged may train models of the new version; null where nothing is replaced.</summary>
    public string? Training { get; init; }

    /// <summary>The blueprint as lines of YAML, before and after.</summary>
    public ImmutableArray<DiffLine> Yaml { get; init; } = [];

    /// <summary>What may be applied but deserves a second look.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];
}

namespace Looper.Core.Decisions;

/// <summary>A named place in a product where code asks Looper what to do.</summary>
public sealed class DecisionPoint
{
    public Guid Id { get; init; }

    /// <summary>Used in code; fixed once published. Lower-case, unique.</summary>
    public string Key { get; init; } = "";

    public string Name { get; set; } = "";

    public string? Description { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public string CreatedBy { get; init; } = "";

    public bool IsPaused { get; set; }

    public bool IsArchived { get; set; }

    /// <summary>Driven by the simulator; removable with one action.</summary>
    public bool IsSimulated { get; init; }

    /// <summary>Number of the blueprint that serves; 0 before the first publish.</summary>
    public int CurrentVersion { get; set; }

    /// <summary>Salt of every assignment on this point; never changes.</summary>
    public long Salt { get; init; }

    public long Revision { get; set; }
}

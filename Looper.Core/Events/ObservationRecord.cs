namespace Looper.Core.Events;

/// <summary>One reported outcome value, attached to a decision by id or to a unit's decisions by window.</summary>
public sealed record ObservationRecord
{
    /// <summary>Idempotency key of this value: the caller's observation id with the value's place in the call, or a hash of the content.</summary>
    public required string Id { get; init; }

    /// <summary>Set, or <see cref="Unit"/> is.</summary>
    public string? DecisionId { get; init; }

    public string? Unit { get; init; }

    /// <summary>Id of the candidate that it belongs to, where the decision answered with candidates; null for the decision as a whole.</summary>
    public string? Candidate { get; init; }

    public required string Outcome { get; init; }
    public required double Value { get; init; }

    /// <summary>When it happened, by the caller; the received time where the caller said nothing or named the future.</summary>
    public required DateTimeOffset Time { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }
    public RecordMarks Marks { get; init; }

    /// <summary>Hash of the canonical content: the same id with another hash is a conflict.</summary>
    public ulong RequestHash { get; init; }

    /// <summary>The decision points whose decisions it may name, which must be there; null for all, and before the decision too. Asked when it is appended, not stored.</summary>
    public IReadOnlySet<Guid>? MayConcern { get; init; }

    /// <summary>It comes back from a copy: the candidate that it names is not asked for again, because it may have been acknowledged before its decision came. Not stored.</summary>
    public bool ComesBack { get; init; }
}

namespace Looper.Core.Blueprints;

public enum OutcomeKind
{
    Boolean,
    Count,
    Number,
    Duration,
}

public enum Direction
{
    Higher,
    Lower,
}

/// <summary>How several observations of one outcome inside its window become one value.</summary>
public enum Aggregation
{
    First,
    Last,
    Sum,
    Max,
    Mean,
    Any,
}

/// <summary>Something the product reports back about a decision or a unit.</summary>
public sealed record Outcome(string Name, OutcomeKind Kind)
{
    /// <summary>The largest magnitude of a value: fourth powers, summed over any number of units, stay finite.</summary>
    public const double MostMagnitude = 1e50;

    public static readonly TimeSpan LongestWindow = TimeSpan.FromDays(180);

    public string? Description { get; init; }

    public Direction Better { get; init; } = Direction.Higher;

    /// <summary>How long after the decision an observation still counts. One minute to 180 days.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(1);

    public Aggregation Aggregation { get; init; } = Aggregation.Last;

    /// <summary>The value when the window closed and nothing came; null means unknown, and such a decision is no example for this outcome.</summary>
    public double? Absent { get; init; } = 0;

    public string? UnitOfMeasure { get; init; }
}

namespace Looper.Core.Blueprints;

public enum FeatureKind
{
    Number,
    Boolean,
    Category,
}

/// <summary>A named typed input sent with a decision.</summary>
/// <param name="Name">Key in the context; <c>a.b</c> reads a nested object.</param>
public sealed record Feature(string Name, FeatureKind Kind)
{
    public string? Description { get; init; }

    /// <summary>Cost of obtaining a thousand values, in the installation's currency; null when not stated.</summary>
    public double? CostPerThousand { get; init; }

    public bool IsPersonal { get; init; }
}

using System.Text.Json.Serialization;

namespace Looper.Core.Blueprints;

public enum FeatureKind
{
    Number,
    Boolean,
    Category,

    /// <summary>A moment. Models do not see it itself, since none of its values will come again, but what is derived from it.</summary>
    Time,

    /// <summary>A set of categories; what is sent twice counts once.</summary>
    Tags,

    /// <summary>A fixed number of numbers, such as an embedding.</summary>
    Vector,
}

/// <summary>A named typed input of a decision: sent, or derived from what was sent.</summary>
/// <param name="Name">Key in the context, for one that is sent; <c>a.b</c> reads a nested object.</param>
public sealed record Feature(string Name, FeatureKind Kind)
{
    /// <summary>Tags of one value at most.</summary>
    public const int MostTags = 100;

    /// <summary>Numbers of one vector at most.</summary>
    public const int MostDimensions = 256;

    public string? Description { get; init; }

    /// <summary>How many numbers a vector has, 1 to <see cref="MostDimensions"/>; null for the other kinds, and then not written, so that their hashes stay what
    /// they were.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Dimension { get; init; }

    /// <summary>Cost of obtaining a thousand values, in the installation's currency; null when not stated.</summary>
    public double? CostPerThousand { get; init; }

    public bool IsPersonal { get; init; }

    /// <summary>How its value comes from other features; null when the app sends it.</summary>
    public Derivation? Derived { get; init; }

    /// <summary>Values of both mean the same: they are of one kind, and made in one way.</summary>
    public bool MeansTheSame(Feature other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Kind, Dimension) == (other.Kind, other.Dimension) && Derived?.InWords == other.Derived?.InWords;
    }

    /// <summary>The same under a name that no feature can have: what it meant is not what the feature of its name means now.</summary>
    public Feature AsItWas() => this with { Name = $"@was.{Name}" };
}

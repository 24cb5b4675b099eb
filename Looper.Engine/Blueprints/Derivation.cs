using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;

namespace Looper.Core.Blueprints;

/// <summary>How a feature's value comes from others, or from what was reported for the unit, when a decision is made; it is then logged as served like any
/// other. It may take features that stand before it in the same list, derived ones too. Missing where one that it needs is missing or unusable.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(BucketDerivation), "bucket")]
[JsonDerivedType(typeof(CrossDerivation), "cross")]
[JsonDerivedType(typeof(TimePartDerivation), "time-part")]
[JsonDerivedType(typeof(RatioDerivation), "ratio")]
[JsonDerivedType(typeof(LogDerivation), "log")]
[JsonDerivedType(typeof(HistoryDerivation), "history")]
public abstract record Derivation(string Of)
{
    /// <summary>The feature it starts from, or the outcome of a history; empty when not said yet.</summary>
    public string Of { get; init; } = Of ?? "";

    /// <summary>Type of the value it gives.</summary>
    [JsonIgnore]
    public abstract FeatureKind Gives { get; }

    /// <summary>Names of the features it takes.</summary>
    [JsonIgnore]
    public virtual ImmutableArray<string> Takes => [Of];

    /// <summary>The whole rule in words. Two that read alike do the same.</summary>
    [JsonIgnore]
    public abstract string InWords { get; }
}

/// <summary>The range a number lies in, as a category: <c>below 10</c>, <c>10 to 50</c>, <c>50 and up</c>. The lower end belongs to a range.</summary>
/// <param name="Edges">1 to 50 ends of ranges, ascending.</param>
public sealed record BucketDerivation(string Of, ImmutableArray<double> Edges) : Derivation(Of)
{
    public const int MostEdges = 50;

    public ImmutableArray<double> Edges { get; init; } = Edges.IsDefault ? [] : Edges;

    [JsonIgnore]
    public override FeatureKind Gives => FeatureKind.Category;

    [JsonIgnore]
    public override string InWords => $"bucket of {Of} at {string.Join(", ", Edges.Select(Text))}";

    /// <summary>Names of the ranges, one more than edges; needs an edge.</summary>
    [JsonIgnore]
    public ImmutableArray<string> Names =>
        [$"below {Text(Edges[0])}", .. Edges.Zip(Edges.Skip(1), (low, high) => $"{Text(low)} to {Text(high)}"), $"{Text(Edges[^1])} and up"];

    private static string Text(double edge) => edge.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>Two values together as one category, <c>NL|mobile</c>: for what neither says alone.</summary>
public sealed record CrossDerivation(string Of, string With) : Derivation(Of)
{
    public string With { get; init; } = With ?? "";

    [JsonIgnore]
    public override FeatureKind Gives => FeatureKind.Category;

    [JsonIgnore]
    public override ImmutableArray<string> Takes => [Of, With];

    [JsonIgnore]
    public override string InWords => $"{Of} × {With}";
}

public enum TimePart
{
    /// <summary>0 to 23.</summary>
    Hour,

    /// <summary>1 (Monday) to 7 (Sunday).</summary>
    Weekday,

    /// <summary>1 to 31.</summary>
    DayOfMonth,

    /// <summary>1 to 12.</summary>
    Month,
}

/// <summary>Part of a time, as a number.</summary>
public sealed record TimePartDerivation(string Of, TimePart Part) : Derivation(Of)
{
    /// <summary>IANA name of the zone in which the clock is read, such as <c>Europe/Amsterdam</c>; null is UTC.</summary>
    public string? Zone { get; init; }

    [JsonIgnore]
    public override FeatureKind Gives => FeatureKind.Number;

    [JsonIgnore]
    public override string InWords => $"{Part switch { TimePart.Hour => "hour", TimePart.Weekday => "weekday", TimePart.DayOfMonth => "day of month", _ => "month" }} of {Of} in {Zone ?? "UTC"}";
}

/// <summary>One number divided by another; missing where that is 0.</summary>
public sealed record RatioDerivation(string Of, string Over) : Derivation(Of)
{
    public string Over { get; init; } = Over ?? "";

    [JsonIgnore]
    public override FeatureKind Gives => FeatureKind.Number;

    [JsonIgnore]
    public override ImmutableArray<string> Takes => [Of, Over];

    [JsonIgnore]
    public override string InWords => $"{Of} / {Over}";
}

/// <summary>ln(1 + x), for amounts and counts with a long tail; missing from −1 down.</summary>
public sealed record LogDerivation(string Of) : Derivation(Of)
{
    [JsonIgnore]
    public override FeatureKind Gives => FeatureKind.Number;

    [JsonIgnore]
    public override string InWords => $"log of 1 + {Of}";
}

public enum HistoryAggregate
{
    /// <summary>How often it happened: reports other than 0 or no. At most 200.</summary>
    Count,

    /// <summary>Sum of what was reported; 0 when nothing was.</summary>
    Sum,

    /// <summary>Mean of what was reported; missing when nothing was.</summary>
    Mean,

    /// <summary>Seconds since it happened last; missing when it did not.</summary>
    Recency,
}

/// <summary>What was reported of an outcome for this unit lately: in decisions of this decision point, or for the unit itself.</summary>
/// <param name="Of">An outcome of the blueprint.</param>
/// <param name="Window">How far back from the decision. One minute to 180 days.</param>
public sealed record HistoryDerivation(string Of, HistoryAggregate Aggregate, TimeSpan Window) : Derivation(Of)
{
    public static readonly TimeSpan ShortestWindow = TimeSpan.FromMinutes(1), LongestWindow = TimeSpan.FromDays(180);

    [JsonIgnore]
    public override FeatureKind Gives => FeatureKind.Number;

    [JsonIgnore]
    public override ImmutableArray<string> Takes => [];

    [JsonIgnore]
    public override string InWords => Aggregate == HistoryAggregate.Recency
        ? $"seconds since the unit's last {Of}, within {DurationJson.Text(Window)}"
        : $"{Aggregate.ToString().ToLowerInvariant()} of the unit's {Of} in {DurationJson.Text(Window)}";
}

using System.Text.Json.Serialization;

namespace Looper.Core.Blueprints;

/// <summary>A condition with two branches, or, with <see cref="Option"/>, an answer. A missing value meets no condition.</summary>
public sealed record RuleNode
{
    /// <summary>Conditions on a path at most.</summary>
    public const int MostDepth = 8;

    /// <summary>The answer; null for a condition.</summary>
    public string? Option { get; init; }

    /// <summary>The feature that the condition reads.</summary>
    public string? Feature { get; init; }

    /// <summary>A number feature: the condition holds at or below this. Of tags: where there are at most so many.</summary>
    public double? AtMost { get; init; }

    /// <summary>A category: the condition holds where the value is this text. A yes/no feature: <c>true</c> or <c>false</c>.</summary>
    public string? Is { get; init; }

    /// <summary>Tags: the condition holds where this is one of them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Contains { get; init; }

    /// <summary>Tags: the condition holds where they were sent and this is none of them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Lacks { get; init; }

    /// <summary>Where the condition holds.</summary>
    public RuleNode? Then { get; init; }

    /// <summary>Where it does not, and where the value is missing.</summary>
    public RuleNode? Else { get; init; }

    /// <summary>The rule in words.</summary>
    public override string ToString() => Option is not null ? Option
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"if {Feature} {FormattableString.Invariant(Condition)} then {Branch(Then)} else {Branch(Else)}");

    private FormattableString Condition => this switch
    {
        { AtMost: { } cut } => $"is at most {cut:0.######}",
        { Contains: { } tag } => $"contains {tag}",
        { Lacks: { } tag } => $"does not contain {tag}",
        _ => $"is {(Is is "" ? "(empty)" : Is)}",
    };

    private static string Branch(RuleNode? node) => node is { Option: null } ? $"({node})" : node?.ToString() ?? "?";
}

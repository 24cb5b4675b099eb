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

    /// <summary>A number feature: the condition holds at or below this.</summary>
    public double? AtMost { get; init; }

    /// <summary>A category: the condition holds where the value is this text. A yes/no feature: <c>true</c> or <c>false</c>.</summary>
    public string? Is { get; init; }

    /// <summary>Where the condition holds.</summary>
    public RuleNode? Then { get; init; }

    /// <summary>Where it does not, and where the value is missing.</summary>
    public RuleNode? Else { get; init; }

    /// <summary>The rule in words.</summary>
    public override string ToString() => Option is not null ? Option
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"if {Feature} {(AtMost is { } cut ? $"is at most {cut:0.######}" : $"is {Is}")} then {Branch(Then)} else {Branch(Else)}");

    private static string Branch(RuleNode? node) => node is { Option: null } ? $"({node})" : node?.ToString() ?? "?";
}

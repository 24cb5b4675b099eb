using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Looper.Core.Blueprints;

/// <summary>What values a parameter of a configuration takes.</summary>
public enum ConfigurationKind
{
    /// <summary>Any number between the bounds.</summary>
    Real,

    /// <summary>Whole numbers between the bounds, both included.</summary>
    Whole,

    /// <summary>One of a set of words, without order.</summary>
    Category,
}

/// <summary>A named number or word that a <c>configuration</c> decision answers, and the limits it is kept inside.</summary>
public sealed record ConfigurationParameter(string Name, ConfigurationKind Kind = ConfigurationKind.Real)
{
    /// <summary>Smallest number.</summary>
    public double Low { get; init; }

    /// <summary>Largest number.</summary>
    public double High { get; init; } = 1;

    /// <summary>Equal ratios, rather than equal differences, matter equally: a study looks on a logarithmic scale.</summary>
    public bool Log { get; init; }

    /// <summary>Words of a category.</summary>
    public ImmutableArray<string> Values { get; init; } = [];

    /// <summary>Why a value is none of this parameter's; null when it is one.</summary>
    internal string? Fault(ConfigurationValue value) => Kind switch
    {
        ConfigurationKind.Category => value.Word is { } word && Values.Contains(word) ? null : $"`{Name}` must be one of {string.Join(", ", Values)}",
        _ when value.Word is not null || !double.IsFinite(value.Number) => $"`{Name}` must be a number",
        _ when value.Number < Low || value.Number > High => FormattableString.Invariant($"`{Name}` must lie between {Low} and {High}, and is {value.Number}"),
        ConfigurationKind.Whole when value.Number != Math.Round(value.Number) => $"`{Name}` must be a whole number",
        _ => null,
    };
}

/// <param name="Number">NaN for a word.</param>
/// <param name="Word">Null for a number.</param>
public readonly record struct ConfigurationValue(double Number, string? Word = null)
{
    public static ConfigurationValue Of(string word) => new(double.NaN, word);
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Looper.Core.Decisions.AsCode;

/// <summary>A piece of a YAML file and where it begins, lines and columns from 1.</summary>
/// <param name="Size">Pieces in it, itself included; what an alias repeats counts again.</param>
internal abstract record YamlPart(int Line, int Column, int Size);

/// <summary>Fields in the order they stand in.</summary>
internal sealed record YamlFields(int Line, int Column, int Size, ImmutableArray<YamlField> Fields) : YamlPart(Line, Column, Size);

/// <param name="Line">Of the name.</param>
internal sealed record YamlField(string Name, int Line, YamlPart Value);

internal sealed record YamlItems(int Line, int Column, int Size, ImmutableArray<YamlPart> Items) : YamlPart(Line, Column, Size);

/// <summary>A scalar: what it is follows from how it is written, by the core schema of YAML 1.2 (section 10.3). So <c>no</c> is a text, and so is <c>"5"</c>.</summary>
internal sealed partial record YamlText(int Line, int Column, string Text, bool IsQuoted) : YamlPart(Line, Column, 1)
{
    public bool IsNull => !IsQuoted && Text is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>Null where it is no yes or no.</summary>
    public bool? Bool => IsQuoted ? null : Text switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };

    /// <summary>Null where it is no number; infinite or NaN where it says so, or is too large.</summary>
    public double? Number => IsQuoted ? null : Text switch
    {
        _ when Decimal().IsMatch(Text) => double.Parse(Text, NumberStyles.Float, CultureInfo.InvariantCulture),
        _ when Hexadecimal().IsMatch(Text) => Text.AsSpan(2).TrimStart('0').Length > 12 ? double.PositiveInfinity : Convert.ToInt64(Text[2..], 16),
        _ when Octal().IsMatch(Text) => Text.AsSpan(2).TrimStart('0').Length > 17 ? double.PositiveInfinity : Convert.ToInt64(Text[2..], 8),
        _ when Infinite().IsMatch(Text) => Text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity,
        ".nan" or ".NaN" or ".NAN" => double.NaN,
        _ => null,
    };

    /// <summary>A text, and nothing else.</summary>
    public bool IsText => IsQuoted || (!IsNull && Bool is null && Number is null);

    [GeneratedRegex(@"\A[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\z")]
    private static partial Regex Decimal();

    [GeneratedRegex(@"\A0x[0-9a-fA-F]+\z")]
    private static partial Regex Hexadecimal();

    [GeneratedRegex(@"\A0o[0-7]+\z")]
    private static partial Regex Octal();

    [GeneratedRegex(@"\A[-+]?\.(?:inf|Inf|INF)\z")]
    private static partial Regex Infinite();
}

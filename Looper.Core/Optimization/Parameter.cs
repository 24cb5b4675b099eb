using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;

namespace Looper.Core.Optimization;

/// <summary>What values a parameter takes.</summary>
public enum ParameterKind
{
    /// <summary>Any number between the bounds.</summary>
    Real,

    /// <summary>Whole numbers between the bounds, both included.</summary>
    Whole,

    /// <summary>One of a set of words, without order.</summary>
    Category,
}

/// <summary>A parameter that may be tuned.</summary>
/// <param name="Name">Unique in its space.</param>
/// <param name="Kind">What values it takes.</param>
public sealed record Parameter(string Name, ParameterKind Kind)
{
    /// <summary>Smallest value of a number.</summary>
    public double Low { get; init; }

    /// <summary>Largest value of a number; above <see cref="Low"/>.</summary>
    public double High { get; init; }

    /// <summary>Whether equal ratios, rather than equal differences, are expected to matter equally. Needs <see cref="Low"/> &gt; 0.</summary>
    public bool Log { get; init; }

    /// <summary>Values of a category, two or more.</summary>
    public ImmutableArray<string> Values { get; init; } = [];

    /// <summary>How many values it has; 0 for uncountably many.</summary>
    public long Levels => Kind switch { ParameterKind.Real => 0, ParameterKind.Whole => (long)(High - Low) + 1, _ => Values.Length };

    /// <summary>Value at a coordinate.</summary>
    /// <param name="u">In [0, 1]; for a category the number of its value.</param>
    public ParameterValue At(double u)
    {
        if (Kind == ParameterKind.Category) return new(Values[(int)u]);
        var x = Log ? Low * Math.Exp(u * Math.Log(High / Low)) : Low + u * (High - Low);
        return new(Math.Clamp(Kind == ParameterKind.Whole ? Math.Round(x) : x, Low, High));
    }

    /// <summary>Coordinate of a value.</summary>
    /// <param name="value">One that the parameter takes.</param>
    /// <returns>NaN for a value that it does not take.</returns>
    public double Of(ParameterValue value)
    {
        if (Kind == ParameterKind.Category) return value.Category is { } word && Values.IndexOf(word) is >= 0 and var at ? at : double.NaN;
        if (value.Category is not null || !(value.Number >= Low && value.Number <= High)) return double.NaN;
        if (Kind == ParameterKind.Whole && value.Number != Math.Round(value.Number)) return double.NaN;
        return Log ? Math.Log(value.Number / Low) / Math.Log(High / Low) : (value.Number - Low) / (High - Low);
    }

    /// <summary>Coordinate of the value that a uniform number falls on.</summary>
    /// <param name="u">In [0, 1).</param>
    public double Snap(double u) => Kind switch
    {
        ParameterKind.Real => u,
        ParameterKind.Category => Math.Min(Math.Floor(u * Values.Length), Values.Length - 1),
        _ => Log ? Of(At(u)) : Math.Min(Math.Floor(u * Levels), Levels - 1) / (Levels - 1),
    };
}

/// <summary>A value of a parameter: a number, or a word.</summary>
[JsonConverter(typeof(ParameterValueJson))]
public readonly record struct ParameterValue
{
    /// <param name="number">Of a number.</param>
    public ParameterValue(double number) => Number = number;

    /// <param name="category">Of a category.</param>
    public ParameterValue(string category) => (Category, Number) = (category, double.NaN);

    /// <summary>The number; NaN for a category.</summary>
    public double Number { get; }

    /// <summary>The word; null for a number.</summary>
    public string? Category { get; }

    /// <inheritdoc/>
    public override string ToString() => Category ?? Number.ToString("G6", CultureInfo.InvariantCulture);
}

/// <summary>Σ weight·value ≤ bound, over numbers.</summary>
/// <param name="Weights">Weight of each parameter that takes part.</param>
/// <param name="Bound">In the parameters' units.</param>
public sealed record LinearConstraint(ImmutableSortedDictionary<string, double> Weights, double Bound);

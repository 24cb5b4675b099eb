using System.Collections.Immutable;

namespace Looper.Core.Learning.Linear;

/// <summary>What one column adds to the scores.</summary>
/// <param name="Mean">Subtracted from a number; 0 for a category.</param>
/// <param name="Slopes">Per output, per unit of the number; empty for a category.</param>
/// <param name="Levels">Per code and output, code by code, the last row for missing or unknown; a number has that row alone.</param>
public sealed record LinearTerm(double Mean, ImmutableArray<double> Slopes, ImmutableArray<double> Levels);

/// <summary>A linear score per output, and the link that turns it into a prediction.</summary>
/// <param name="objective">Decides the link.</param>
/// <param name="intercepts">One per output.</param>
/// <param name="terms">One per column.</param>
public sealed class LinearPredictor(Objective objective, ImmutableArray<double> intercepts, ImmutableArray<LinearTerm> terms) : IPredictor
{
    private const double Reach = 1e100; // keeps sums of absurd values finite

    /// <summary>What was minimised.</summary>
    public Objective Objective { get; } = objective;

    /// <summary>Score of an average row, one per output.</summary>
    public ImmutableArray<double> Intercepts { get; } = intercepts;

    /// <summary>One per column.</summary>
    public ImmutableArray<LinearTerm> Terms { get; } = terms;

    /// <inheritdoc/>
    public int Outputs => Intercepts.Length;

    /// <inheritdoc/>
    public double Predict(ReadOnlySpan<double> row)
    {
        Span<double> outputs = stackalloc double[Outputs];
        Predict(row, outputs);
        return outputs[^1];
    }

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<double> row, Span<double> outputs)
    {
        Intercepts.CopyTo(outputs);
        for (var j = 0; j < Terms.Length; j++)
            for (var k = 0; k < outputs.Length; k++) outputs[k] += Contribution(j, row[j], k);
        Links.Apply(Objective, outputs);
    }

    /// <summary>What a column's value adds to a score: β(x − x̄), or the level's coefficient.</summary>
    /// <param name="column">Index of the column.</param>
    /// <param name="value">A number or a category's code; NaN where missing.</param>
    /// <param name="output">Which score.</param>
    public double Contribution(int column, double value, int output)
    {
        var (term, codes) = (Terms[column], Terms[column].Levels.Length / Outputs - 1);
        if (!term.Slopes.IsEmpty && double.IsFinite(value)) return term.Slopes[output] * Math.Clamp(value - term.Mean, -Reach, Reach);
        var code = value >= 0 && value < codes ? (int)value : codes;
        return term.Levels[code * Outputs + output];
    }
}

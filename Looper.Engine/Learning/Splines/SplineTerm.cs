namespace Looper.Core.Learning.Splines;

internal enum SplineShape
{
    /// <summary>x.</summary>
    Line,

    /// <summary>max(0, x − t).</summary>
    Above,

    /// <summary>max(0, t − x).</summary>
    Below,

    /// <summary>1 where x &gt; t, else 0.</summary>
    Step,

    /// <summary>1 where x is level t of a category, else 0.</summary>
    Level,
}

/// <summary>A term of the sum: an earlier one times a function of one column.</summary>
/// <param name="Parent">Term that is multiplied; 0 is the constant 1.</param>
/// <param name="Column">Index of the column.</param>
/// <param name="Shape">What is done with its value.</param>
/// <param name="Knot">t, in the column's standard deviations from its mean; a level of a category.</param>
internal readonly record struct SplineTerm(int Parent, int Column, SplineShape Shape, double Knot)
{
    /// <summary>The factor at a column's value.</summary>
    /// <param name="x">As <see cref="SplineColumns.At"/> has it.</param>
    public double Of(double x) => Shape switch
    {
        SplineShape.Line => x,
        SplineShape.Above => Math.Max(0, x - Knot),
        SplineShape.Below => Math.Max(0, Knot - x),
        SplineShape.Step => x > Knot ? 1 : 0,
        _ => x == Knot ? 1 : 0,
    };
}

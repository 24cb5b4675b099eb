using System.Runtime.Intrinsics;

namespace Looper.Core.Learning.Splines;

/// <summary>The product with one column that would take most from what is left; of the term itself, and of its line where that is a term too, each is made independent.</summary>
internal ref struct BestProduct(int parent, int column, SplineSquares all, bool hasLine)
{
    public const int LeastRows = 10;

    private const double Independent = 1e-4;
    private readonly double _mean = all.First / all.Ones, _line = all.Second - all.First * all.First / all.Ones;

    /// <summary>What it takes from the squares that are left.</summary>
    public double Gain { get; private set; }

    public SplineTerm Term { get; private set; }

    /// <summary>The lines, bends and steps of a number.</summary>
    /// <param name="squares">Of each bin.</param>
    /// <param name="left">Σvr and Σvrx of each bin, r what is left.</param>
    /// <param name="knots">Between them.</param>
    public void OfNumber(ReadOnlySpan<SplineSquares> squares, ReadOnlySpan<Vector128<double>> left, double[] knots)
    {
        var whole = Vector128<double>.Zero;
        foreach (var l in left) whole += l;
        if (!hasLine) Try(SplineShape.Line, 0, whole[1], all.Second, all.First, all.Second);
        var (below, leftBelow) = (squares[0], left[0]);
        for (var k = 0; k < knots.Length && knots.Length > 1; k++) // of two values the line says all
        {
            (below, leftBelow) = (below + squares[k + 1], leftBelow + left[k + 1]);
            var (above, leftAbove, t) = (all - below, whole - leftBelow, knots[k]);
            if (Math.Min(below.Rows, above.Rows) < LeastRows) continue;
            Try(SplineShape.Step, t, leftAbove[0], above.Ones, above.Ones, above.First);
            Try(SplineShape.Above, t, leftAbove[1] - t * leftAbove[0], Bent(above, t), above.First - t * above.Ones, above.Second - t * above.First);
            Try(SplineShape.Below, t, t * leftBelow[0] - leftBelow[1], Bent(below, t), t * below.Ones - below.First, t * below.First - below.Second);
        }
    }

    /// <summary>Each level of a category against the rest.</summary>
    /// <param name="squares">Of each bin.</param>
    /// <param name="left">As of a number.</param>
    public void OfLevels(ReadOnlySpan<SplineSquares> squares, ReadOnlySpan<Vector128<double>> left)
    {
        for (var b = 1; b < squares.Length; b++)
            if (Math.Min(squares[b].Rows, all.Rows - squares[b].Rows) >= LeastRows) Try(SplineShape.Level, b, left[b][0], squares[b].Ones, squares[b].Ones, 0);
    }

    private static double Bent(SplineSquares s, double t) => s.Second - 2 * t * s.First + t * t * s.Ones;

    private void Try(SplineShape shape, double knot, double product, double norm, double withTerm, double withLine)
    {
        var free = norm - withTerm * withTerm / all.Ones;
        if (hasLine && _line > 0 && withLine - _mean * withTerm is var along) free -= along * along / _line;
        if (!(free > Independent * norm) || !(product * product / free > Gain)) return;
        (Gain, Term) = (product * product / free, new(parent, column, shape, knot));
    }
}

namespace Looper.Core.Learning.Splines;

/// <summary>Of some rows Σv², Σv²x and Σv²x², v a term's value and x a column's, and how many they are.</summary>
internal readonly record struct SplineSquares(double Ones, double First, double Second, int Rows)
{
    public static SplineSquares operator +(SplineSquares a, SplineSquares b) => new(a.Ones + b.Ones, a.First + b.First, a.Second + b.Second, a.Rows + b.Rows);

    public static SplineSquares operator -(SplineSquares a, SplineSquares b) => new(a.Ones - b.Ones, a.First - b.First, a.Second - b.Second, a.Rows - b.Rows);
}

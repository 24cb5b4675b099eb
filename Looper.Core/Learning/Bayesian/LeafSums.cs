using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bayesian;

/// <summary>What a leaf's rows say of its value: r = c·value + noise.</summary>
/// <param name="Squares">Σc².</param>
/// <param name="Products">Σc·r.</param>
/// <param name="Rows">Rows with c ≠ 0.</param>
internal readonly record struct LeafSums(double Squares, double Products, int Rows)
{
    public static LeafSums operator +(LeafSums a, LeafSums b) => new(a.Squares + b.Squares, a.Products + b.Products, a.Rows + b.Rows);

    public static LeafSums operator -(LeafSums a, LeafSums b) => new(a.Squares - b.Squares, a.Products - b.Products, a.Rows - b.Rows);

    public LeafSums With(double c, double r) => new(Squares + c * c, Products + c * r, c == 0 ? Rows : Rows + 1);

    /// <summary>Log density of the rows over that at value 0, the value integrated out under N(0, spread).</summary>
    public double Evidence(double spread, double variance)
    {
        double b = Products / variance, inside = 1 + spread * Squares / variance;
        return 0.5 * (spread * b * b / inside - Math.Log(inside));
    }

    /// <summary>The value given the rows.</summary>
    public double Draw(double spread, double variance, Philox random)
    {
        var kept = spread / (1 + spread * Squares / variance);
        return kept * Products / variance + Math.Sqrt(kept) * random.Normal();
    }
}

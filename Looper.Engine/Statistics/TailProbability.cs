using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Looper.Core.Statistics;

/// <summary>Upper tails and quantiles of the normal, Student and χ² distributions, written so that a far tail keeps its digits.</summary>
/// <remarks>Never 1 − CDF, which is 0 from z ≈ 8.3 on. All O(1), no allocation, no state.</remarks>
public static class TailProbability
{
    private const double ManyDegrees = 1e6;

    /// <summary>P(Z > <paramref name="z"/>) of the standard normal, in [0, 1]; NaN in, NaN out.</summary>
    /// <remarks>½·erfc(z/√2).</remarks>
    public static double Normal(double z) => 0.5 * SpecialFunctions.Erfc(z / Constants.Sqrt2);

    /// <summary>Density of the standard normal at <paramref name="z"/>.</summary>
    public static double NormalDensity(double z) => Math.Exp(-0.5 * z * z) / Constants.Sqrt2Pi;

    /// <summary>z with P(Z ≤ z) = <paramref name="p"/>; infinite at 0 and 1.</summary>
    public static double NormalQuantile(double p) => MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, p);

    /// <summary>P(T > <paramref name="t"/>) of Student's t, in [0, 1].</summary>
    /// <param name="t">Statistic; infinite allowed.</param>
    /// <param name="degrees">Degrees of freedom ν > 0, not necessarily whole; infinite is the normal.</param>
    /// <returns>The tail; NaN when <paramref name="t"/> is NaN or <paramref name="degrees"/> is not positive.</returns>
    /// <remarks>½·I_x(ν/2, ½), x = ν/(ν+t²); above ν = 10⁶, where the incomplete beta function loses digits, Φ(−t) + φ(t)(t³+t)/(4ν)
    /// (Abramowitz and Stegun 26.7.8, first term). Relative error ≤ 1e−9 for ν ≤ 10⁶.</remarks>
    public static double Student(double t, double degrees)
    {
        if (double.IsNaN(t) || !(degrees > 0)) return double.NaN;
        if (t < 0) return 1 - Student(-t, degrees);
        if (double.IsPositiveInfinity(t)) return 0;
        if (degrees > ManyDegrees) return Normal(t) + NormalDensity(t) * (t * t * t + t) / (4 * degrees);
        var square = t * t;
        return square < 1
            ? 0.5 - 0.5 * SpecialFunctions.BetaRegularized(0.5, degrees / 2, square / (degrees + square))
            : 0.5 * SpecialFunctions.BetaRegularized(degrees / 2, 0.5, degrees / (degrees + square));
    }

    /// <summary>t with P(T ≤ t) = <paramref name="p"/> of Student's t.</summary>
    /// <param name="p">Probability in (0, 1).</param>
    /// <param name="degrees">Degrees of freedom ν > 0.</param>
    /// <returns>The quantile; NaN when <paramref name="degrees"/> is not positive.</returns>
    /// <remarks>Above ν = 10⁶ z + (z³+z)/(4ν); below, Newton's method on <see cref="Student"/>.</remarks>
    public static double StudentQuantile(double p, double degrees)
    {
        if (!(degrees > 0)) return double.NaN;
        if (p < 0.5) return -StudentQuantile(1 - p, degrees);
        if (p == 0.5) return 0;
        var z = NormalQuantile(p);
        if (degrees > ManyDegrees) return z + (z * z * z + z) / (4 * degrees);
        // From z, which lies left of the root, on a convex falling tail: Newton's steps only go right and never past it.
        var t = z;
        for (var i = 0; i < 500; i++)
        {
            var step = (Student(t, degrees) - (1 - p)) / StudentT.PDF(0, 1, degrees, t);
            if (!double.IsFinite(step)) break;
            t += step;
            // What is left is the square of it. A smaller one is the tail's own rounding, and so is one to the left: both would go on for ever.
            if (step <= 1e-10 * t) break;
        }

        return t;
    }

    /// <summary>P(X > <paramref name="x"/>) of χ² with <paramref name="degrees"/> degrees of freedom, in [0, 1].</summary>
    /// <remarks>Upper regularised gamma Q(k/2, x/2); 1 at x ≤ 0 or no degrees of freedom.</remarks>
    public static double ChiSquared(double x, double degrees) =>
        double.IsNaN(x) ? double.NaN
        : x <= 0 || degrees <= 0 ? 1
        : degrees == 1 ? SpecialFunctions.Erfc(Math.Sqrt(x / 2))
        : SpecialFunctions.GammaUpperRegularized(degrees / 2, x / 2);
}

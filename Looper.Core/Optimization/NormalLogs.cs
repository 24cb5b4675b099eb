using Looper.Core.Numerics;
using MathNet.Numerics;

namespace Looper.Core.Optimization;

/// <summary>Logarithms of the normal distribution and of expected improvements, without underflow.</summary>
/// <remarks>Ament, Daulton, Eriksson, Balandat &amp; Bakshy 2023 (NeurIPS, "Unexpected improvements to expected improvement"), eq. 9.
/// O(1), no allocation.</remarks>
public static class NormalLogs
{
    private const double HalfLogTwoPi = 0.9189385332046727, LogHalfPiHalved = 0.22579135264472744, SqrtHalf = 0.7071067811865476, InverseRootEpsilon = 6.7e7;

    /// <summary>ln φ(z).</summary>
    /// <param name="z">Any number.</param>
    public static double LogDensity(double z) => -0.5 * z * z - HalfLogTwoPi;

    /// <summary>ln Φ(z); −∞ only at −∞.</summary>
    /// <param name="z">Any number.</param>
    public static double LogCumulative(double z) => z > -1
        ? Math.Log(0.5 * SpecialFunctions.Erfc(-z * SqrtHalf))
        : -0.5 * z * z + Math.Log(0.5 * ScaledErfc(-z * SqrtHalf));

    /// <summary>ln h(z), h(z) = φ(z) + zΦ(z): σh((a − μ)/σ) is the expected shortfall of N(μ, σ²) below a.</summary>
    /// <param name="z">Any number.</param>
    /// <remarks>Absolute error of ln h ≤ 1e−9 down to z = −300, ≤ 1e−6 below (NormalLogsTests).</remarks>
    public static double LogImprovement(double z)
    {
        if (z > -1) return Math.Log(Elementary.Exp(LogDensity(z)) + z * 0.5 * SpecialFunctions.Erfc(-z * SqrtHalf));
        if (z > -InverseRootEpsilon) return -0.5 * z * z - HalfLogTwoPi + LogOneMinusExp(Math.Log(ScaledErfc(-z * SqrtHalf) * -z) + LogHalfPiHalved);
        return -0.5 * z * z - HalfLogTwoPi - 2 * Math.Log(-z);
    }

    /// <summary>ln(1 − e^x); −∞ at 0, NaN above.</summary>
    /// <param name="x">At most 0.</param>
    /// <remarks>Mächler 2012.</remarks>
    public static double LogOneMinusExp(double x) => x > -0.6931471805599453 ? Math.Log(-ExpMinusOne(x)) : LogOnePlus(-Math.Exp(x));

    // The runtime's own subtract 1 after rounding.
    private static double ExpMinusOne(double x)
    {
        var t = Math.Tanh(x / 2);
        return 2 * t / (1 - t);
    }

    private static double LogOnePlus(double x)
    {
        var u = 1 + x; // Kahan's correction of the rounding of u
        return u == 1 ? x : Math.Log(u) * x / (u - 1);
    }

    /// <summary>ln Σ e^xᵢ.</summary>
    /// <param name="x">Any numbers; −∞ for the empty sum.</param>
    public static double LogSumExp(ReadOnlySpan<double> x)
    {
        var largest = double.NegativeInfinity;
        foreach (var v in x) largest = Math.Max(largest, v);
        if (double.IsInfinity(largest) || double.IsNaN(largest)) return largest;
        var sum = 0.0;
        foreach (var v in x) sum += Elementary.Exp(v - largest);
        return largest + Math.Log(sum);
    }

    /// <summary>e^(x²)·erfc(x).</summary>
    /// <param name="x">Above −26, where it overflows.</param>
    /// <remarks>Above 2 Laplace's continued fraction, evaluated backwards from a term that leaves an error below 1e−15 (Abramowitz &amp; Stegun 7.1.14).</remarks>
    public static double ScaledErfc(double x)
    {
        if (x <= 2) return Math.Exp(x * x) * SpecialFunctions.Erfc(x);
        var terms = x > 12 ? 12 : x > 5 ? 30 : 90;
        var tail = x;
        for (var k = terms; k >= 1; k--) tail = x + 0.5 * k / tail;
        return 0.5641895835477563 / tail; // 1/√π
    }
}

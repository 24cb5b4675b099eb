using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bayesian;

/// <summary>Gamma numbers of scale 1.</summary>
/// <remarks>Marsaglia and Tsang 2000, ACM TOMS 26:363.</remarks>
internal static class GammaNumber
{
    /// <param name="shape">At least ⅓.</param>
    /// <param name="random">Read from.</param>
    public static double Of(double shape, Philox random)
    {
        double d = shape - 1.0 / 3, c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = random.Normal(), v = 1 + c * x;
            if (v <= 0) continue;
            v = v * v * v;
            if (Math.Log(1 - random.Uniform()) < 0.5 * x * x + d - d * v + d * Math.Log(v)) return d * v;
        }
    }
}

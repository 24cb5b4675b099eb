using MathNet.Numerics;
using MathNet.Numerics.Integration;

namespace Looper.Core.Statistics;

/// <summary>How large an experiment must be, and what it can see.</summary>
/// <remarks>Sizes are real numbers, not rounded. Two-sided tests; both tails count.</remarks>
public static class Power
{
    /// <summary>Probability that a two-sided t test finds a standardised effect.</summary>
    /// <param name="effect">Cohen's d: difference over the common standard deviation.</param>
    /// <param name="controlUnits">n₁, at least 2.</param>
    /// <param name="treatmentUnits">n₂, at least 2.</param>
    /// <param name="alpha">Error level in (0, 1).</param>
    /// <returns>Power in (0, 1).</returns>
    /// <remarks>P(|T′| > t_{1−α/2,ν}) with T′ non-central t, ν = n₁+n₂−2, δ = d√(n₁n₂/(n₁+n₂)): ∫ f(s)[Φ(δ−ts) + Φ(−δ−ts)]ds over the
    /// density of s = √(χ²_ν/ν), 256-point Gauss–Legendre over ±10 standard deviations; absolute error ≤ 1e−9 for ν ≥ 4.</remarks>
    public static double OfT(double effect, double controlUnits, double treatmentUnits, double alpha)
    {
        double nu = controlUnits + treatmentUnits - 2, delta = effect * Math.Sqrt(controlUnits * treatmentUnits / (controlUnits + treatmentUnits));
        var critical = TailProbability.StudentQuantile(1 - alpha / 2, nu);
        double constant = Math.Log(2) + nu / 2 * Math.Log(nu / 2) - SpecialFunctions.GammaLn(nu / 2), spread = 10 / Math.Sqrt(2 * nu);
        return GaussLegendreRule.Integrate(
            s => Math.Exp(constant + (nu - 1) * Math.Log(s) - nu * s * s / 2)
                * (TailProbability.Normal(critical * s - delta) + TailProbability.Normal(critical * s + delta)),
            Math.Max(1e-12, 1 - spread), 1 + spread, 256);
    }

    /// <summary>Probability that a two-sided z test finds a standardised effect.</summary>
    public static double OfZ(double effect, double controlUnits, double treatmentUnits, double alpha)
    {
        double delta = effect * Math.Sqrt(controlUnits * treatmentUnits / (controlUnits + treatmentUnits)), z = TailProbability.NormalQuantile(1 - alpha / 2);
        return TailProbability.Normal(z - delta) + TailProbability.Normal(z + delta);
    }

    /// <summary>Units of control that give a t test the power wanted.</summary>
    /// <param name="effect">Cohen's d, not zero.</param>
    /// <param name="alpha">Error level in (0, 1).</param>
    /// <param name="power">Power wanted, in (alpha, 1).</param>
    /// <param name="ratio">Treatment units per control unit, positive.</param>
    /// <returns>n₁, a real number; NaN when no size does.</returns>
    public static double UnitsForT(double effect, double alpha, double power, double ratio = 1) =>
        Solve(n => OfT(effect, n, n * ratio, alpha), power, 2 / Math.Min(1, ratio) + 1e-6);

    /// <summary>Units of control that give a z test the power wanted; parameters as <see cref="UnitsForT"/>.</summary>
    public static double UnitsForZ(double effect, double alpha, double power, double ratio = 1) =>
        Solve(n => OfZ(effect, n, n * ratio, alpha), power, 1e-6);

    /// <summary>Units per arm for two rates, variances unpooled: (z_{1−α/2}+z_β)²(p₀q₀+p₁q₁)/Δ².</summary>
    public static double UnitsForRates(double control, double treatment, double alpha, double power)
    {
        var z = TailProbability.NormalQuantile(1 - alpha / 2) + TailProbability.NormalQuantile(power);
        return z * z * (control * (1 - control) + treatment * (1 - treatment)) / ((treatment - control) * (treatment - control));
    }

    /// <summary>Units per arm for two rates, variance pooled under no effect: Fleiss 1981, eq. 3.14, without continuity correction.</summary>
    public static double UnitsForRatesPooled(double control, double treatment, double alpha, double power)
    {
        var middle = (control + treatment) / 2;
        var root = TailProbability.NormalQuantile(1 - alpha / 2) * Math.Sqrt(2 * middle * (1 - middle))
            + TailProbability.NormalQuantile(power) * Math.Sqrt(control * (1 - control) + treatment * (1 - treatment));
        return root * root / ((treatment - control) * (treatment - control));
    }

    /// <summary>Cohen's h, 2·asin√p₁ − 2·asin√p₀: a difference of rates on a scale where its variance does not depend on the rate.</summary>
    public static double CohenH(double control, double treatment) => 2 * Math.Asin(Math.Sqrt(treatment)) - 2 * Math.Asin(Math.Sqrt(control));

    /// <summary>Units per arm for two rates by the arcsine transform; solves <see cref="OfZ"/> at h.</summary>
    public static double UnitsForRatesArcsine(double control, double treatment, double alpha, double power) =>
        UnitsForZ(CohenH(control, treatment), alpha, power);

    /// <summary>Smallest true effect, in standard deviations of the outcome, that is found with the power wanted.</summary>
    /// <param name="controlUnits">Units of control.</param>
    /// <param name="treatmentUnits">Units of treatment.</param>
    /// <param name="alpha">Error level; divide it by the number of arms compared with one control.</param>
    /// <param name="power">Power wanted.</param>
    /// <returns>(t_{1−α/2,ν} + z_β)·√(1/n₁+1/n₂); NaN below two units an arm.</returns>
    public static double SmallestEffect(double controlUnits, double treatmentUnits, double alpha, double power) =>
        controlUnits < 2 || treatmentUnits < 2 ? double.NaN
        : (TailProbability.StudentQuantile(1 - alpha / 2, controlUnits + treatmentUnits - 2) + TailProbability.NormalQuantile(power))
            * Math.Sqrt(1 / controlUnits + 1 / treatmentUnits);

    private static double Solve(Func<double, double> powerAt, double wanted, double least)
    {
        double low = least, high = Math.Max(4, 2 * least);
        if (powerAt(low) >= wanted) return low;
        while (powerAt(high) < wanted)
        {
            (low, high) = (high, high * 2);
            if (high > 1e15) return double.NaN;
        }

        for (var i = 0; i < 100 && high - low > 1e-10 * high; i++)
        {
            var middle = (low + high) / 2;
            if (powerAt(middle) < wanted) low = middle;
            else high = middle;
        }

        return (low + high) / 2;
    }
}

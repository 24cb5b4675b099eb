using MathNet.Numerics;
using MathNet.Numerics.Integration;

namespace Looper.Core.Statistics;

/// <summary>Exact Bayesian comparison of two rates under Beta priors, for the small counts where a normal posterior misleads.</summary>
public static class BetaBinomial
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "beta-binomial-1";

    private const double ManyTerms = 10_000;

    /// <summary>Chance to win and expected losses.</summary>
    /// <param name="ChanceToWin">P(rate of treatment > rate of control).</param>
    /// <param name="LossOfTreatment">E[max(0, p_a − p_b)].</param>
    /// <param name="LossOfControl">E[max(0, p_b − p_a)].</param>
    public readonly record struct Comparison(double ChanceToWin, double LossOfTreatment, double LossOfControl);

    /// <summary>Compares two rates with uniform priors.</summary>
    /// <param name="controlUnits">Units of control.</param>
    /// <param name="controlYes">Yes in control, a whole number.</param>
    /// <param name="treatmentUnits">Units of treatment.</param>
    /// <param name="treatmentYes">Yes in treatment, a whole number.</param>
    /// <returns>All NaN when an arm is empty.</returns>
    /// <remarks>Loss of treatment = m_a·P(A′ > B) − m_b·P(A > B′), where ′ has one more success. O(treatment successes), at most 10⁴
    /// terms, then 200-point Gauss–Legendre.</remarks>
    public static Comparison Compare(double controlUnits, double controlYes, double treatmentUnits, double treatmentYes)
    {
        if (!(controlUnits > 0) || !(treatmentUnits > 0)) return new(double.NaN, double.NaN, double.NaN);
        double aA = controlYes + 1, bA = controlUnits - controlYes + 1, aB = treatmentYes + 1, bB = treatmentUnits - treatmentYes + 1;
        double meanA = aA / (aA + bA), meanB = aB / (aB + bB);
        return new(
            Exceeds(aA, bA, aB, bB),
            Math.Max(0, meanA * (1 - Exceeds(aA + 1, bA, aB, bB)) - meanB * (1 - Exceeds(aA, bA, aB + 1, bB))),
            Math.Max(0, meanB * Exceeds(aA, bA, aB + 1, bB) - meanA * Exceeds(aA + 1, bA, aB, bB)));
    }

    /// <summary>P(B > A) for A ~ Beta(aA, bA), B ~ Beta(aB, bB). With aB = x + 1 and bB = n − x it is the predictive tail P(X ≤ x) of X yes among n units, whose rate is A: of a
    /// rate p, P(X ≤ x) = P(B > p).</summary>
    /// <remarks>Σ_{i&lt;aB} exp(lnB(aA+i, bA+bB) − ln(bB+i) − lnB(1+i, bB) − lnB(aA, bA)) for whole aB (Miller 2014); above 10⁴ terms
    /// ∫ density(B)·CDF(A) over ±8 standard deviations.</remarks>
    public static double Exceeds(double aA, double bA, double aB, double bB)
    {
        if (aB > ManyTerms || aB != Math.Floor(aB)) return Integrate(aA, bA, aB, bB);
        double sum = 0, constant = SpecialFunctions.BetaLn(aA, bA);
        for (var i = 0.0; i < aB; i++)
            sum += Math.Exp(SpecialFunctions.BetaLn(aA + i, bA + bB) - Math.Log(bB + i) - SpecialFunctions.BetaLn(1 + i, bB) - constant);
        return Math.Min(1, sum);
    }

    private static double Integrate(double aA, double bA, double aB, double bB)
    {
        double mean = aB / (aB + bB), deviation = Math.Sqrt(mean * (1 - mean) / (aB + bB + 1)), constant = SpecialFunctions.BetaLn(aB, bB);
        return GaussLegendreRule.Integrate(
            x => Math.Exp((aB - 1) * Math.Log(x) + (bB - 1) * Math.Log(1 - x) - constant) * SpecialFunctions.BetaRegularized(aA, bA, x),
            Math.Max(1e-12, mean - 8 * deviation), Math.Min(1 - 1e-12, mean + 8 * deviation), 200);
    }
}

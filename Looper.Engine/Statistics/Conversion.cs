using MathNet.Numerics;

namespace Looper.Core.Statistics;

/// <summary>Intervals and exact tests for rates of yes/no values, for the sizes where a normal interval misleads.</summary>
/// <remarks>O(1) unless said; no allocation.</remarks>
public static class Conversion
{
    /// <summary>Name and version of Newcombe's interval with Fisher's test in stored reports.</summary>
    public const string SmallMethod = "newcombe-fisher-1";

    /// <summary>True when any of the four cells (yes and no in each arm) is below ten: show the small-sample methods.</summary>
    public static bool IsSmall(double controlUnits, double controlYes, double treatmentUnits, double treatmentYes) =>
        Math.Min(Math.Min(controlYes, controlUnits - controlYes), Math.Min(treatmentYes, treatmentUnits - treatmentYes)) < 10;

    /// <summary>Wilson's score interval of one rate.</summary>
    /// <param name="units">Units n.</param>
    /// <param name="yes">Units that said yes.</param>
    /// <param name="level">Confidence level in (0, 1).</param>
    /// <returns>Bounds in [0, 1]; undefined without units.</returns>
    /// <remarks>(p + z²/2n ± z·√(p(1−p)/n + z²/4n²))/(1 + z²/n): Wilson 1927, JASA 22:209.</remarks>
    public static Interval Wilson(double units, double yes, double level)
    {
        Levels.Check(level);
        if (!(units > 0)) return Interval.Undefined;
        double z = TailProbability.NormalQuantile((1 + level) / 2), p = yes / units, shrink = z * z / units;
        double centre = (p + shrink / 2) / (1 + shrink), half = z * Math.Sqrt(p * (1 - p) / units + shrink / (4 * units)) / (1 + shrink);
        return new(yes == 0 ? 0 : centre - half, yes == units ? 1 : centre + half);
    }

    /// <summary>Clopper and Pearson's exact interval of one rate: never covers less than it says, often more.</summary>
    /// <param name="units">Units n.</param>
    /// <param name="yes">Units that said yes.</param>
    /// <param name="level">Confidence level in (0, 1).</param>
    /// <returns>Bounds in [0, 1]; undefined without units.</returns>
    /// <remarks>Beta quantiles B(α/2; x, n−x+1) and B(1−α/2; x+1, n−x): Clopper and Pearson 1934, Biometrika 26:404. By bisection to
    /// the last bit, about 60 incomplete beta functions.</remarks>
    public static Interval ClopperPearson(double units, double yes, double level)
    {
        Levels.Check(level);
        if (!(units > 0)) return Interval.Undefined;
        var side = (1 - level) / 2;
        return new(
            yes == 0 ? 0 : BetaQuantile(side, yes, units - yes + 1),
            yes == units ? 1 : BetaQuantile(1 - side, yes + 1, units - yes));
    }

    /// <summary>Newcombe's interval for the difference of two rates, treatment − control.</summary>
    /// <param name="controlUnits">Units of control.</param>
    /// <param name="controlYes">Yes in control.</param>
    /// <param name="treatmentUnits">Units of treatment.</param>
    /// <param name="treatmentYes">Yes in treatment.</param>
    /// <param name="level">Confidence level in (0, 1).</param>
    /// <returns>Bounds in [−1, 1]; undefined when an arm has no units. Defined also where both rates are zero.</returns>
    /// <remarks>Newcombe 1998, Statistics in Medicine 17:873, method 10: from the two Wilson intervals (l, u),
    /// Δ − √((p_b−l_b)² + (u_a−p_a)²) to Δ + √((u_b−p_b)² + (p_a−l_a)²).</remarks>
    public static Interval Newcombe(double controlUnits, double controlYes, double treatmentUnits, double treatmentYes, double level)
    {
        Interval a = Wilson(controlUnits, controlYes, level), b = Wilson(treatmentUnits, treatmentYes, level);
        if (!a.IsDefined || !b.IsDefined) return Interval.Undefined;
        double pa = controlYes / controlUnits, pb = treatmentYes / treatmentUnits;
        return new(
            pb - pa - Math.Sqrt((pb - b.Low) * (pb - b.Low) + (a.High - pa) * (a.High - pa)),
            pb - pa + Math.Sqrt((b.High - pb) * (b.High - pb) + (pa - a.Low) * (pa - a.Low)));
    }

    /// <summary>Two-sided p-value of Fisher's exact test of equal rates.</summary>
    /// <returns>Sum of the probabilities of all tables (given the margins) no likelier than the one seen; NaN when an arm is empty.</returns>
    /// <remarks>Hypergeometric, in logs; ties within a factor 1 + 1e−7 count as no likelier, as R and SciPy do. O(smaller margin).</remarks>
    public static double FisherP(double controlUnits, double controlYes, double treatmentUnits, double treatmentYes)
    {
        if (!(controlUnits > 0) || !(treatmentUnits > 0)) return double.NaN;
        double total = controlUnits + treatmentUnits, yes = controlYes + treatmentYes;
        double low = Math.Max(0, yes - controlUnits), high = Math.Min(yes, treatmentUnits);
        var all = LogChoose(total, yes);
        double LogTable(double k) => LogChoose(treatmentUnits, k) + LogChoose(controlUnits, yes - k) - all;
        var seen = LogTable(treatmentYes) + Math.Log(1 + 1e-7);
        var sum = 0.0;
        for (var k = low; k <= high; k++)
        {
            var log = LogTable(k);
            if (log <= seen) sum += Math.Exp(log);
        }

        return Math.Min(1, sum);
    }

    /// <summary>The textbook z test with pooled variance, for comparison with other tools.</summary>
    /// <returns>z and two-sided p; NaN when an arm is empty or all answers agree.</returns>
    public static (double Z, double P) PooledZ(double controlUnits, double controlYes, double treatmentUnits, double treatmentYes)
    {
        var p = (controlYes + treatmentYes) / (controlUnits + treatmentUnits);
        var variance = p * (1 - p) * (1 / controlUnits + 1 / treatmentUnits);
        if (!(variance > 0)) return (double.NaN, double.NaN);
        var z = (treatmentYes / treatmentUnits - controlYes / controlUnits) / Math.Sqrt(variance);
        return (z, 2 * TailProbability.Normal(Math.Abs(z)));
    }

    private static double LogChoose(double n, double k) =>
        SpecialFunctions.GammaLn(n + 1) - SpecialFunctions.GammaLn(k + 1) - SpecialFunctions.GammaLn(n - k + 1);

    private static double BetaQuantile(double p, double a, double b)
    {
        double low = 0, high = 1;
        for (var i = 0; i < 200 && (low + high) / 2 is var middle && middle > low && middle < high; i++)
        {
            if (SpecialFunctions.BetaRegularized(a, b, middle) < p) low = middle;
            else high = middle;
        }

        return (low + high) / 2;
    }
}

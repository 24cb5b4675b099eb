namespace Looper.Core.Statistics;

/// <summary>Sequential test by a normal mixture of likelihood ratios (mSPRT), for two arms of equal size.</summary>
/// <remarks>Robbins 1970, Ann. Math. Stat. 41:1397; Johari, Pekelis and Walsh 2022, Operations Research 70:1806. Kept for comparison;
/// <see cref="ConfidenceSequence"/> is the product's reading because it takes unequal arms. O(1), no allocation.</remarks>
public static class MixtureTest
{
    /// <summary>One look of the test.</summary>
    /// <param name="LikelihoodRatio">Λ, the evidence against no effect.</param>
    /// <param name="P">min(1, 1/Λ).</param>
    /// <param name="HalfWidth">Half-width of the interval, in the metric's unit.</param>
    /// <param name="VarianceOfDifference">V = 2s²/n.</param>
    public readonly record struct Look(double LikelihoodRatio, double P, double HalfWidth, double VarianceOfDifference);

    /// <summary>Reads the test once; keep the running minimum of P over looks.</summary>
    /// <param name="difference">Treatment − control.</param>
    /// <param name="unitsPerArm">Units in each arm, positive.</param>
    /// <param name="variancePerUnit">Variance of one unit, positive.</param>
    /// <param name="mixingVariance">τ², variance of the effects one expects, positive.</param>
    /// <param name="level">Confidence level in (0, 1).</param>
    /// <returns>Λ = √(V/(V+τ²))·exp(τ²Δ²/(2V(V+τ²))), h = √(2V(V+τ²)/τ²·ln(√((V+τ²)/V)/α)); all NaN when an input is not positive.</returns>
    public static Look Read(double difference, double unitsPerArm, double variancePerUnit, double mixingVariance, double level)
    {
        Levels.Check(level);
        if (!(unitsPerArm > 0) || !(variancePerUnit > 0) || !(mixingVariance > 0)) return new(double.NaN, double.NaN, double.NaN, double.NaN);
        double v = 2 * variancePerUnit / unitsPerArm, sum = v + mixingVariance;
        var logRatio = 0.5 * Math.Log(v / sum) + mixingVariance * difference * difference / (2 * v * sum);
        var half = Math.Sqrt(2 * v * sum / mixingVariance * (0.5 * Math.Log(sum / v) - Math.Log(1 - level)));
        return new(Math.Exp(logRatio), Math.Min(1, Math.Exp(-logRatio)), half, v);
    }
}

using Looper.Core.Statistics;

namespace Looper.Core.OffPolicy;

/// <summary>How well a log supports a policy, from the importance weights w = π_e/p_b of its rows.</summary>
/// <param name="Rows">Rows n.</param>
/// <param name="MeanWeight">Mean weight; near 1 when propensities were logged as they were.</param>
/// <param name="LargestWeight">Largest weight.</param>
/// <param name="EffectiveRows">(Σw)²/Σw²: how many rows of the policy's own log this one is worth.</param>
/// <param name="MeanError">Standard error of the mean weight, over units: the rows of one, such as the places of its rankings, move together. NaN for fewer than two.</param>
/// <param name="TopShare">Share of Σw that the 1 % of rows with the largest weights carry.</param>
/// <param name="EffectiveUnits">(ΣW)²/ΣW² over units, W the sum of a unit's weights: how many units that weigh alike the log is worth. Rows of one unit say little more than one of them.</param>
public readonly record struct WeightFigures(double Rows, double MeanWeight, double LargestWeight, double EffectiveRows, double MeanError, double TopShare, double EffectiveUnits)
{
    /// <summary>A log that is worth fewer rows of the policy's own says nothing of it; nor does one where more of what it does was never tried.</summary>
    public const double LeastEffective = 100, MostUnsupported = 0.01;

    /// <summary>Of fewer units that weigh alike no interval holds what it says: draws of units again, and the normal law, need more.</summary>
    public const double LeastUnits = 30;

    /// <summary>A propensity from here on was certain: what else could have been answered then cannot be told.</summary>
    public const double Certain = 1 - 1e-12;

    /// <summary>The mean weight is further from 1 than chance allows: logged propensities do not fit.</summary>
    /// <remarks>|w̄ − 1| > max(0.01, 3·se(w̄)).</remarks>
    public bool IsMisfit => Math.Abs(MeanWeight - 1) > Math.Max(0.01, 3 * MeanError);

    /// <summary>So far from 1, beyond chance, that the log misses a part of what the policy does, or the propensities are not those drawn with.</summary>
    /// <remarks>|w̄ − 1| − 3·se(w̄) > 0.05.</remarks>
    public bool IsFarOff => Math.Abs(MeanWeight - 1) - 3 * MeanError > 0.05;

    /// <summary>Too little to name a value: too few effective rows or units, or weights too far from 1.</summary>
    public bool SaysLittle => !(EffectiveRows >= LeastEffective) || !(EffectiveUnits >= LeastUnits) || IsFarOff;

    /// <summary>Thin: fewer effective rows than a tenth, or 1 % of rows carrying more than a quarter.</summary>
    public bool IsThin => Rows > 0 && (!(EffectiveRows >= 0.1 * Rows) || !(TopShare <= 0.25));

    /// <summary>The figures of a set of weights.</summary>
    /// <param name="weights">Finite and not negative; not written to.</param>
    /// <param name="units">Whose row it is, as numbers from 0 without gaps; empty where each row is a unit of its own.</param>
    /// <remarks>O(n log n) for the top share, one copy.</remarks>
    public static WeightFigures Of(ReadOnlySpan<double> weights, ReadOnlySpan<int> units = default)
    {
        if (weights.IsEmpty) return new(0, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);
        var moments = Moments.Of(weights);
        double largest = 0, squares = 0;
        foreach (var w in weights) (largest, squares) = (Math.Max(largest, w), squares + w * w);
        var sum = moments.Sum;
        double[] sorted = [.. weights];
        Array.Sort(sorted);
        var top = 0.0;
        for (var i = 0; i < Math.Max(1, sorted.Length / 100); i++) top += sorted[^(i + 1)];
        var effective = squares > 0 ? sum * sum / squares : 0;
        return new(weights.Length, moments.Mean, largest, effective, Estimators.Direct(weights, units).StandardError, sum > 0 ? top / sum : double.NaN, units.IsEmpty ? effective : UnitsWorth(weights, units));
    }

    private static double UnitsWorth(ReadOnlySpan<double> weights, ReadOnlySpan<int> units)
    {
        var most = -1;
        foreach (var unit in units) most = Math.Max(most, unit);
        var sums = new double[most + 1];
        for (var i = 0; i < weights.Length; i++) sums[units[i]] += weights[i];
        double sum = 0, squares = 0;
        foreach (var w in sums) (sum, squares) = (sum + w, squares + w * w);
        return squares > 0 ? sum * sum / squares : 0;
    }
}

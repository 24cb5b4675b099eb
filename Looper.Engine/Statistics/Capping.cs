namespace Looper.Core.Statistics;

/// <summary>Limits how much one unit can weigh: values above a quantile of both arms together are replaced by it.</summary>
public static class Capping
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "cap-1";

    /// <summary>The cap: a type-7 quantile of the pooled values of both arms.</summary>
    /// <param name="pooled">One value a unit, both arms, any order; left as it is.</param>
    /// <param name="percentile">Share of units at or below the cap, in (0, 1].</param>
    /// <param name="ignoreZeros">Take the quantile among non-zero values only.</param>
    /// <returns>The cap in the outcome's unit; infinite when there is nothing to take it from.</returns>
    /// <remarks>Changes the question to the mean of the capped outcome: say so, and show the uncapped result. O(n log n), one copy.</remarks>
    public static double Cap(ReadOnlySpan<double> pooled, double percentile, bool ignoreZeros = false)
    {
        if (percentile is not (> 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(percentile), percentile, "Give a share in (0, 1].");
        var values = new double[pooled.Length];
        var count = 0;
        foreach (var value in pooled)
            if (!ignoreZeros || value != 0)
                values[count++] = value;
        if (count == 0) return double.PositiveInfinity;
        Array.Sort(values, 0, count);
        return Quantile.OfSorted(values.AsSpan(0, count), percentile);
    }

    /// <summary>The moments of values after the cap, and how many it changed.</summary>
    public static (Moments Moments, int Capped) Of(ReadOnlySpan<double> values, double cap)
    {
        var (moments, capped) = (Moments.Empty, 0);
        foreach (var value in values)
        {
            if (value > cap) capped++;
            moments = moments.With(Math.Min(value, cap));
        }

        return (moments, capped);
    }
}

using Looper.Core.Statistics;

namespace Looper.Core.OffPolicy;

/// <summary>An interval of a mean that holds for any number of bounded terms, whatever their distribution.</summary>
public static class EmpiricalBernstein
{
    /// <summary>Mean ± √(2V·ln(2/δ)/n) + 7B·ln(2/δ)/(3(n−1)), δ = α/2 for each side.</summary>
    /// <param name="terms">Independent.</param>
    /// <param name="range">B: largest less smallest possible term, known before the terms were seen; finite and above 0.</param>
    /// <param name="level">1 − α, in (0, 1).</param>
    /// <returns>Undefined for fewer than two terms or an unknown range.</returns>
    /// <remarks>Maurer and Pontil 2009, COLT, theorem 4. O(n).</remarks>
    public static Interval Of(ReadOnlySpan<double> terms, double range, double level)
    {
        var moments = Moments.Of(terms);
        if (moments.Count < 2 || !double.IsFinite(range)) return Interval.Undefined;
        var log = Math.Log(4 / (1 - level));
        var half = Math.Sqrt(2 * moments.Variance * log / moments.Count) + 7 * range * log / (3 * (moments.Count - 1));
        return new(moments.Mean - half, moments.Mean + half);
    }
}

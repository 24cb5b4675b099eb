namespace Looper.Core.Statistics;

/// <summary>Sample quantiles and the variance that order statistics give them.</summary>
public static class Quantile
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "quantile-order-1";

    /// <summary>The 97.5 % normal quantile that sets which order statistics are compared, whatever the level of the reading.</summary>
    public static readonly double Z = TailProbability.NormalQuantile(0.975);

    /// <summary>Sample quantile by linear interpolation between order statistics (type 7).</summary>
    /// <param name="sorted">Values in ascending order, finite.</param>
    /// <param name="level">ν in [0, 1].</param>
    /// <returns>The quantile in the values' unit; NaN when empty.</returns>
    /// <remarks>Hyndman and Fan 1996, The American Statistician 50:361, definition 7. O(1).</remarks>
    public static double OfSorted(ReadOnlySpan<double> sorted, double level)
    {
        if (sorted.IsEmpty) return double.NaN;
        var position = Math.Clamp(level, 0, 1) * (sorted.Length - 1);
        var index = (int)position;
        return index + 1 >= sorted.Length ? sorted[^1] : sorted[index] + (position - index) * (sorted[index + 1] - sorted[index]);
    }

    /// <summary>The levels of the two order statistics whose distance measures the quantile's spread.</summary>
    /// <param name="level">ν in (0, 1).</param>
    /// <param name="events">Events n*.</param>
    public static (double Low, double High) Levels(double level, double events)
    {
        var half = Z * Math.Sqrt(level * (1 - level) / events);
        return (level - half, level + half);
    }

    /// <summary>The arm's quantile, where every event is a unit of its own.</summary>
    /// <param name="sorted">Values in ascending order.</param>
    /// <param name="level">ν in (0, 1).</param>
    public static MetricSummary Of(ReadOnlySpan<double> sorted, double level)
    {
        if (sorted.IsEmpty) return MetricSummary.Undefined(0, Cause.EmptyArm);
        var (low, high) = Levels(level, sorted.Length);
        return Of(sorted.Length, sorted.Length, level, OfSorted(sorted, level), OfSorted(sorted, low), OfSorted(sorted, high));
    }

    /// <summary>The arm's quantile from its order statistics.</summary>
    /// <param name="events">Events n.</param>
    /// <param name="limitEvents">Events n* that the limits were taken from; usually n.</param>
    /// <param name="level">ν in (0, 1).</param>
    /// <param name="value">q̂.</param>
    /// <param name="low">Quantile at the lower level of <see cref="Levels"/>.</param>
    /// <param name="high">Quantile at the upper level.</param>
    /// <returns>q̂ with V; undefined when n is too small for so extreme a level, or when both limits fall on one value.</returns>
    /// <remarks>V = (n*/n)(n − 1)((q_hi − q_lo)/2z)². The limits exist for n > z²·max(ν/(1−ν), (1−ν)/ν). O(1).</remarks>
    public static MetricSummary Of(double events, double limitEvents, double level, double value, double low, double high)
    {
        var why = events <= Z * Z * Math.Max(level / (1 - level), (1 - level) / level) ? Cause.QuantileOutOfRange
            : low == high ? Cause.MassPoint
            : Cause.None;
        return new(events, value, Variance(events, limitEvents, low, high), why);
    }

    /// <summary>The arm's quantile, where a unit has several events that resemble each other.</summary>
    /// <param name="independent">The quantile as if events were independent.</param>
    /// <param name="level">ν in (0, 1).</param>
    /// <param name="counts">Two values a unit: events at or below q̂ (0), events (1).</param>
    /// <returns>q̂ with its variance inflated to units, counted in units: read it with G − 1 degrees of freedom.</returns>
    /// <remarks>V·V_cl/(ν(1−ν)/n), V_cl = [σ_s² − 2(μ_s/μ_m)σ_sm + (μ_s/μ_m)²σ_m²]/(G·μ_m²): Deng, Knoblich and Lu 2018, KDD,
    /// section 4.2. O(1).</remarks>
    public static MetricSummary Clustered(in MetricSummary independent, double level, JointMoments counts)
    {
        if (independent.Why != Cause.None) return independent with { Units = counts.Count };
        var variance = independent.Variance * Inflation(independent.Units, level, counts);
        return new(counts.Count, independent.Value, variance * counts.Count / independent.Units, variance > 0 ? Cause.None : Cause.ZeroVariance);
    }

    /// <summary>How many times larger the variance is because events of one unit resemble each other; 1 when they do not.</summary>
    /// <param name="events">Events n.</param>
    /// <param name="level">ν.</param>
    /// <param name="counts">Two values a unit: events at or below q̂ (0), events (1).</param>
    public static double Inflation(double events, double level, JointMoments counts)
    {
        double share = counts.Mean(0) / counts.Mean(1);
        var clustered = (counts.Covariance(0, 0) - 2 * share * counts.Covariance(0, 1) + share * share * counts.Covariance(1, 1))
            / (counts.Count * counts.Mean(1) * counts.Mean(1));
        return clustered / (level * (1 - level) / events);
    }

    private static double Variance(double events, double limitEvents, double low, double high)
    {
        var half = (high - low) / (2 * Z);
        return limitEvents / events * (events - 1) * half * half;
    }
}

namespace Looper.Core.Statistics;

/// <summary>A range of values compatible with the data. Both ends NaN when undefined; an end is infinite when one-sided.</summary>
/// <param name="Low">Lower end, in the unit of the estimate.</param>
/// <param name="High">Upper end, in the unit of the estimate.</param>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>No interval could be computed.</summary>
    public static Interval Undefined { get; } = new(double.NaN, double.NaN);

    /// <summary>False when either end is NaN.</summary>
    public bool IsDefined => !double.IsNaN(Low) && !double.IsNaN(High);

    /// <summary>High − low; NaN when undefined.</summary>
    public double Width => High - Low;

    /// <summary>True when <paramref name="value"/> lies between the ends, ends included; false when undefined.</summary>
    public bool Contains(double value) => Low <= value && value <= High;

    /// <summary>The values in both; undefined when either is, or when they do not meet.</summary>
    public Interval Intersect(Interval other)
    {
        double low = Math.Max(Low, other.Low), high = Math.Min(High, other.High);
        return low <= high ? new(low, high) : Undefined;
    }
}

namespace Looper.Core.Statistics;

/// <summary>How many distinct units an experiment will have met after a number of days: returning units make the curve flatten.</summary>
/// <param name="Scale">A of A·t^B; NaN when undefined.</param>
/// <param name="Exponent">B, in [0, 1].</param>
public readonly record struct UnitGrowth(double Scale, double Exponent)
{
    /// <summary>Days at the end of the curve that are fitted.</summary>
    public const int FittedDays = 14;

    /// <summary>Fits the end of a curve of distinct units.</summary>
    /// <param name="distinct">Distinct units seen by the end of day 1, 2, …; not decreasing.</param>
    /// <returns>The curve; undefined (NaN) below two days or without units.</returns>
    /// <remarks>Least squares of ln n on ln t over the last 14 days, B held to [0, 1], passing through the last day. O(days).</remarks>
    public static UnitGrowth Fit(ReadOnlySpan<double> distinct)
    {
        var first = Math.Max(0, distinct.Length - FittedDays);
        var points = JointPoints(distinct, first);
        if (points.Count < 2) return new(double.NaN, double.NaN);
        var exponent = Math.Clamp(points.Products(0, 1) / points.Products(0, 0), 0, 1);
        return new(distinct[^1] / Math.Pow(distinct.Length, exponent), exponent);
    }

    /// <summary>Distinct units by the end of <paramref name="day"/>.</summary>
    public double UnitsAt(double day) => Scale * Math.Pow(day, Exponent);

    /// <summary>Days until <paramref name="units"/> have been met, in whole weeks, so that every day of the week counts alike.</summary>
    /// <returns>A multiple of 7; NaN when undefined, infinite when the curve never gets there within ten years.</returns>
    public double DaysFor(double units)
    {
        if (double.IsNaN(Scale) || double.IsNaN(units)) return double.NaN;
        var days = Exponent > 0 ? Math.Pow(units / Scale, 1 / Exponent) : units <= Scale ? 1 : double.PositiveInfinity;
        return days > 3_650 ? double.PositiveInfinity : 7 * Math.Max(1, Math.Ceiling(days / 7 - 1e-9));
    }

    private static JointMoments JointPoints(ReadOnlySpan<double> distinct, int first)
    {
        var points = new JointMoments(2);
        for (var i = first; i < distinct.Length; i++)
            if (distinct[i] > 0) points.Add([Math.Log(i + 1), Math.Log(distinct[i])]);
        return points;
    }
}

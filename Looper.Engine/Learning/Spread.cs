namespace Looper.Core.Learning;

/// <summary>A mean with its 95 % interval.</summary>
/// <param name="Mean">NaN of nothing.</param>
/// <param name="Low">Mean − 1.96 standard errors; NaN below two values.</param>
/// <param name="High">Mean + 1.96 standard errors.</param>
public readonly record struct Spread(double Mean, double Low, double High)
{
    private const double Z = 1.959963984540054;

    /// <summary>The mean of independent values and its normal interval, ±1.96·s/√n.</summary>
    /// <param name="values">One per row.</param>
    public static Spread Of(ReadOnlySpan<double> values)
    {
        double mean = 0, m2 = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var delta = values[i] - mean;
            mean += delta / (i + 1);
            m2 += delta * (values[i] - mean);
        }
        if (values.IsEmpty) return new(double.NaN, double.NaN, double.NaN);
        var half = Z * Math.Sqrt(m2 / (values.Length - 1) / values.Length);
        return new(mean, mean - half, mean + half);
    }

    /// <summary>The same where values of one unit are not independent.</summary>
    /// <param name="values">One per row.</param>
    /// <param name="units">The row's unit.</param>
    /// <remarks>Variance of a mean of unit sums, G/(G−1)·Σ_g (Σ_{i∈g}(x_i − x̄))² / n² (Cameron &amp; Miller 2015, eq. 6).</remarks>
    public static Spread Of(ReadOnlySpan<double> values, ReadOnlySpan<ulong> units)
    {
        var mean = Of(values).Mean;
        var sums = new Dictionary<ulong, double>();
        for (var i = 0; i < values.Length; i++) sums[units[i]] = sums.GetValueOrDefault(units[i]) + values[i] - mean;
        var squares = 0.0;
        foreach (var sum in sums.Values) squares += sum * sum;
        var half = Z * Math.Sqrt(squares * sums.Count / (sums.Count - 1)) / values.Length;
        return new(mean, mean - half, mean + half);
    }

    /// <summary>A share with its 95 % interval by Wilson's score, which stays inside [0, 1].</summary>
    /// <param name="count">Rows that have it.</param>
    /// <param name="of">Rows in all.</param>
    /// <remarks>Wilson 1927.</remarks>
    public static Spread OfShare(double count, int of)
    {
        if (of == 0) return new(double.NaN, double.NaN, double.NaN);
        double rate = count / of, z2 = Z * Z / of, centre = (rate + z2 / 2) / (1 + z2);
        var half = Z / (1 + z2) * Math.Sqrt(rate * (1 - rate) / of + z2 / (4.0 * of));
        return new(rate, centre - half, centre + half);
    }
}

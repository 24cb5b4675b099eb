namespace Looper.Core.Statistics;

/// <summary>Count, mean and centred sums of powers of one value per unit: what every estimator of a mean needs, mergeable, and free of
/// the cancellation that raw sums suffer.</summary>
/// <param name="Count">Units, ≥ 0.</param>
/// <param name="Mean">Arithmetic mean; 0 when empty (read it only with <paramref name="Count"/> > 0).</param>
/// <param name="M2">Σ(y − ȳ)².</param>
/// <param name="M3">Σ(y − ȳ)³; NaN when made from sums that do not hold it.</param>
/// <remarks>Updates and merges after Chan, Golub and LeVeque 1983, The American Statistician 37:242, and Pébay 2008, SAND2008-6212,
/// eq. 2.1–2.2. Merging is associative to rounding: keep the order of merge fixed and the result is bit-identical. O(1) an operation,
/// no allocation, immutable.</remarks>
public readonly record struct Moments(double Count, double Mean, double M2, double M3)
{
    /// <summary>No units.</summary>
    public static Moments Empty { get; }

    /// <summary>Sample variance (divisor n − 1) of the value; NaN below two units.</summary>
    public double Variance => Count > 1 ? M2 / (Count - 1) : double.NaN;

    /// <summary>Population skewness √n·M3/M2^(3/2); NaN when undefined.</summary>
    public double Skewness => M2 > 0 ? Math.Sqrt(Count) * M3 / Math.Pow(M2, 1.5) : double.NaN;

    /// <summary>Whether the units are too few for their skewness, so that the normal interval of the mean is not to be trusted.</summary>
    /// <remarks>n &lt; 355·skewness²: Kohavi et al. 2014, KDD, section 3.2. False where the skewness is undefined.</remarks>
    public bool IsTooSkewed => Count < 355 * Skewness * Skewness;

    /// <summary>Sum of the values.</summary>
    public double Sum => Count * Mean;

    /// <summary>The moments with one more unit.</summary>
    /// <param name="value">The unit's value; finite.</param>
    public Moments With(double value)
    {
        var n = Count + 1;
        var delta = value - Mean;
        var step = delta / n;
        var term = Count == 0 ? 0 : delta * step * Count; // the square of a huge value is infinite, and nothing times it is not nothing
        return new(n, Mean + step, M2 + term, M3 + term * step * (n - 2) - 3 * step * M2);
    }

    /// <summary>The moments of both parts together.</summary>
    public static Moments operator +(Moments left, Moments right)
    {
        if (left.Count == 0) return right;
        if (right.Count == 0) return left;
        double n = left.Count + right.Count, delta = right.Mean - left.Mean, product = left.Count * right.Count;
        return new(
            n,
            left.Mean + delta * right.Count / n,
            left.M2 + right.M2 + delta * delta * product / n,
            left.M3 + right.M3 + delta * delta * delta * product * (left.Count - right.Count) / (n * n)
                + 3 * delta * (left.Count * right.M2 - right.Count * left.M2) / n);
    }

    /// <summary>Same as the operator, by name.</summary>
    public static Moments Add(Moments left, Moments right) => left + right;

    /// <summary>The moments of <paramref name="values"/>, one per unit.</summary>
    /// <param name="values">Finite values; not written to.</param>
    public static Moments Of(ReadOnlySpan<double> values)
    {
        var moments = Empty;
        foreach (var value in values) moments = moments.With(value);
        return moments;
    }

    /// <summary>From raw sums, for data that arrives that way; loses about log₁₀(ȳ²/s²) digits.</summary>
    /// <param name="count">Units.</param>
    /// <param name="sum">Σy.</param>
    /// <param name="sumSquares">Σy².</param>
    public static Moments OfSums(double count, double sum, double sumSquares) =>
        count == 0 ? Empty : new(count, sum / count, Math.Max(0, sumSquares - sum * sum / count), double.NaN);

    /// <summary>Of <paramref name="count"/> yes/no values of which <paramref name="successes"/> are 1; exact.</summary>
    public static Moments OfConversions(double count, double successes)
    {
        if (count == 0) return Empty;
        var p = successes / count;
        var m2 = count * p * (1 - p);
        return new(count, p, m2, m2 * (1 - 2 * p));
    }
}

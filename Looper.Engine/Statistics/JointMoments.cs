namespace Looper.Core.Statistics;

/// <summary>Means and centred cross products of several values per unit (a metric and its covariates, a numerator and its denominator).</summary>
/// <remarks>The multivariate form of <see cref="Moments"/>: Pébay 2008, SAND2008-6212, eq. 3.12. Mutable while it is filled; not safe
/// for concurrent writers. Memory p + p², O(p²) a unit.</remarks>
public sealed class JointMoments
{
    private readonly double[] _mean;
    private readonly double[] _products;
    private readonly double[] _delta;

    /// <param name="width">Values per unit, ≥ 1.</param>
    public JointMoments(int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        (_mean, _products, _delta) = (new double[width], new double[width * width], new double[width]);
    }

    /// <summary>Values per unit.</summary>
    public int Width => _mean.Length;

    /// <summary>Units so far.</summary>
    public double Count { get; private set; }

    /// <summary>Mean of value <paramref name="i"/>.</summary>
    public double Mean(int i) => _mean[i];

    /// <summary>Σ(vᵢ − v̄ᵢ)(vⱼ − v̄ⱼ).</summary>
    public double Products(int i, int j) => _products[i * Width + j];

    /// <summary>Sample covariance (divisor n − 1) of values <paramref name="i"/> and <paramref name="j"/>; NaN below two units.</summary>
    public double Covariance(int i, int j) => Count > 1 ? Products(i, j) / (Count - 1) : double.NaN;

    /// <summary>Count, mean and M2 of one value alone (its M3 is not kept: NaN).</summary>
    public Moments Of(int i) => new(Count, _mean[i], Products(i, i), double.NaN);

    /// <summary>Adds one unit.</summary>
    /// <param name="values">Length <see cref="Width"/>; finite.</param>
    public void Add(ReadOnlySpan<double> values)
    {
        Count++;
        for (var i = 0; i < Width; i++)
        {
            _delta[i] = values[i] - _mean[i];
            _mean[i] += _delta[i] / Count;
        }

        if (Count == 1) return; // no products yet: the square of a huge value is infinite, and nothing times it is not nothing
        for (var i = 0; i < Width; i++)
            for (var j = 0; j <= i; j++)
                Accumulate(i, j, _delta[i] * _delta[j] * (Count - 1) / Count);
    }

    /// <summary>Adds all units of <paramref name="other"/>.</summary>
    public void Add(JointMoments other)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.Width, Width);
        if (other.Count == 0) return;
        var n = Count + other.Count;
        for (var i = 0; i < Width; i++) _delta[i] = other._mean[i] - _mean[i];
        for (var i = 0; i < Width; i++)
            for (var j = 0; j <= i; j++)
                Accumulate(i, j, other.Products(i, j) + (Count == 0 ? 0 : _delta[i] * _delta[j] * Count * other.Count / n));
        for (var i = 0; i < Width; i++) _mean[i] += _delta[i] * other.Count / n;
        Count = n;
    }

    /// <summary>All units of both, in a new object.</summary>
    public static JointMoments Merge(JointMoments left, JointMoments right)
    {
        var merged = new JointMoments(left.Width);
        merged.Add(left);
        merged.Add(right);
        return merged;
    }

    /// <summary>The moments of linear combinations of the values, as if each unit had been added so.</summary>
    /// <param name="weights">One row a combination, row-major, rows × width.</param>
    /// <param name="shifts">Added to each combination; its length is the number of rows.</param>
    public JointMoments Combine(ReadOnlySpan<double> weights, ReadOnlySpan<double> shifts)
    {
        var combined = new JointMoments(shifts.Length) { Count = Count };
        for (var r = 0; r < shifts.Length; r++)
        {
            combined._mean[r] = shifts[r];
            for (var i = 0; i < Width; i++) combined._mean[r] += weights[r * Width + i] * _mean[i];
            for (var q = 0; q <= r; q++)
            {
                var sum = 0.0;
                for (var i = 0; i < Width; i++)
                    for (var j = 0; j < Width; j++) sum += weights[r * Width + i] * weights[q * Width + j] * Products(i, j);
                combined.Accumulate(r, q, sum);
            }
        }

        return combined;
    }

    /// <summary>The moments of some of the values alone.</summary>
    /// <param name="values">Numbers of the values to keep, in the order wanted.</param>
    public JointMoments Select(ReadOnlySpan<int> values)
    {
        var selected = new JointMoments(values.Length) { Count = Count };
        for (var r = 0; r < values.Length; r++)
        {
            selected._mean[r] = _mean[values[r]];
            for (var q = 0; q <= r; q++) selected.Accumulate(r, q, Products(values[r], values[q]));
        }

        return selected;
    }

    /// <summary>From raw sums, for data that arrives that way; loses about log₁₀(v̄²/s²) digits.</summary>
    /// <param name="count">Units.</param>
    /// <param name="sums">Σvᵢ, one per value.</param>
    /// <param name="productSums">Σvᵢvⱼ, row-major, width × width.</param>
    public static JointMoments OfSums(double count, ReadOnlySpan<double> sums, ReadOnlySpan<double> productSums)
    {
        var moments = new JointMoments(sums.Length) { Count = count };
        if (count == 0) return moments;
        for (var i = 0; i < sums.Length; i++)
        {
            moments._mean[i] = sums[i] / count;
            for (var j = 0; j <= i; j++) moments.Accumulate(i, j, productSums[i * sums.Length + j] - sums[i] * sums[j] / count);
        }

        return moments;
    }

    /// <summary>As they were read from <see cref="Count"/>, <see cref="Mean"/> and <see cref="Products"/>, to the last bit.</summary>
    /// <param name="count">Units.</param>
    /// <param name="means">Mean of each value.</param>
    /// <param name="products">Centred products of i and j ≤ i, row by row: width·(width + 1)/2 of them.</param>
    public static JointMoments Of(double count, ReadOnlySpan<double> means, ReadOnlySpan<double> products)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(products.Length, means.Length * (means.Length + 1) / 2);
        var moments = new JointMoments(means.Length) { Count = count };
        means.CopyTo(moments._mean);
        for (int i = 0, next = 0; i < means.Length; i++)
            for (var j = 0; j <= i; j++) moments.Accumulate(i, j, products[next++]);
        return moments;
    }

    private void Accumulate(int i, int j, double amount)
    {
        _products[i * Width + j] += amount;
        if (i != j) _products[j * Width + i] += amount;
    }
}

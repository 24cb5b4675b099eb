using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bandits;

/// <summary>What is believed of an option's reward given a row, after ridge regression. Immutable and thread safe.</summary>
/// <remarks>A = λI + Σxxᵀ, θ̂ = A⁻¹Σx(r − c): the posterior N(θ̂, v²A⁻¹) of Bayesian linear regression with noise v² and prior N(0, (v²/λ)I)
/// around the common mean c, so an option without rows is believed to be as good as all together, with the widest doubt.</remarks>
public sealed class RidgePosterior
{
    private readonly Cholesky _factor;
    private readonly double[] _weights;
    private readonly double _centre;

    private RidgePosterior(Cholesky factor, double[] weights, double centre) => (_factor, _weights, _centre) = (factor, weights, centre);

    /// <summary>Fits.</summary>
    /// <param name="statistics">Not kept.</param>
    /// <param name="ridge">λ > 0.</param>
    /// <param name="centre">c, in the unit of the reward.</param>
    /// <exception cref="ArgumentException">The sums hold what is not finite.</exception>
    public static RidgePosterior Of(RidgeStatistics statistics, double ridge, double centre)
    {
        var d = statistics.Width;
        var a = (double[])statistics.Squares.Clone();
        for (var i = 0; i < d; i++) a[i * d + i] += ridge;
        var factor = Cholesky.TryWithJitter(a, d) ?? throw new ArgumentException("The sums are not those of finite rows.", nameof(statistics));
        var weights = (double[])statistics.Products.Clone();
        Vectors.AddScaled(weights, -centre, statistics.Rows);
        factor.Solve(weights);
        return new(factor, weights, centre);
    }

    /// <summary>The same with something taken off every estimate; the doubt stays.</summary>
    /// <param name="penalty">d numbers: x·penalty is taken off.</param>
    public RidgePosterior Less(ReadOnlySpan<double> penalty)
    {
        var weights = (double[])_weights.Clone();
        Vectors.AddScaled(weights, -1, penalty);
        return new(_factor, weights, _centre);
    }

    /// <summary>d weights w for which the mean of a row is x·w: the centre is on the constant, the first number of a row, which is 1.</summary>
    public double[] Weights()
    {
        var weights = (double[])_weights.Clone();
        weights[0] += _centre;
        return weights;
    }

    /// <summary>Weights drawn from N(θ̂, v²A⁻¹), as <see cref="Weights"/> has them.</summary>
    /// <param name="noise">v > 0.</param>
    /// <param name="random">d normals are taken.</param>
    public double[] Draw(double noise, Philox random)
    {
        var drawn = new double[_weights.Length];
        for (var i = 0; i < drawn.Length; i++) drawn[i] = noise * random.Normal();
        _factor.SolveUpper(drawn);
        Vectors.AddScaled(drawn, 1, Weights());
        return drawn;
    }

    /// <summary>uᵀA⁻¹v, to be multiplied by the square of the noise: the covariance of the means of two sums of rows.</summary>
    /// <param name="u">d numbers.</param>
    /// <param name="v">d numbers.</param>
    public double Covariance(ReadOnlySpan<double> u, ReadOnlySpan<double> v)
    {
        double[] left = [.. u], right = [.. v];
        _factor.SolveLower(left);
        _factor.SolveLower(right);
        return Vectors.Dot(left, right);
    }

    /// <summary>Expected reward, in its own unit.</summary>
    /// <param name="x">d numbers.</param>
    public double Mean(ReadOnlySpan<double> x) => _centre + Vectors.Dot(x, _weights);

    /// <summary>√(xᵀA⁻¹x), to be multiplied by the noise: the standard deviation of the mean. O(d²).</summary>
    /// <param name="x">d numbers.</param>
    /// <param name="scratch">At least d numbers, overwritten.</param>
    public double Deviation(ReadOnlySpan<double> x, Span<double> scratch)
    {
        scratch = scratch[..x.Length];
        x.CopyTo(scratch);
        _factor.SolveLower(scratch);
        return Math.Sqrt(Vectors.Dot(scratch, scratch));
    }
}

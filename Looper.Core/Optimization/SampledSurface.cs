using Looper.Core.Numerics;

namespace Looper.Core.Optimization;

/// <summary>A response as several draws of what it may be at the trials, each continued smoothly to any other point.</summary>
/// <remarks>Draw s fixes the response at measured and pending points; away from them its mean μ_s differs and its variance does not, for
/// that depends on the points alone (Letham, Karrer, Ottoni &amp; Bakshy 2019, section 3.2). Values without error need no draws, except
/// at pending points. Standardised units of the process. Draws are stratified in each coordinate. Immutable; <see cref="Evaluate"/> writes
/// only to the workspace given.</remarks>
internal sealed class SampledSurface
{
    private readonly GaussianProcess _process;
    private readonly double[] _points, _weights, _at; // rows; draws × rows: K⁻¹(f_s − m); draws × rows: f_s
    private readonly int[] _tasks;
    private readonly Cholesky _factor;
    private readonly double _mean;

    private SampledSurface(GaussianProcess process, double[] points, int[] tasks, Cholesky factor, double[] at, double[] weights, int draws)
    {
        (_process, _points, _tasks, _factor, _at, _weights, Draws) = (process, points, tasks, factor, at, weights, draws);
        _mean = process.MeanOf(0);
    }

    public int Draws { get; }

    /// <summary>Measured and pending rows.</summary>
    public int Rows => _tasks.Length;

    public int Dimensions => _process.Data.Dimensions;

    public GaussianProcess Process => _process;

    /// <summary>Value of draw <paramref name="s"/> at row <paramref name="i"/>.</summary>
    public double Drawn(int s, int i) => _at[s * Rows + i];

    /// <param name="pending">q × d points that are being measured.</param>
    /// <returns>Null when the covariance of the draws is singular beyond repair.</returns>
    public static SampledSurface? Of(GaussianProcess process, ReadOnlySpan<double> pending, int draws, Philox random)
    {
        var (data, d) = (process.Data, process.Data.Dimensions);
        var q = pending.Length / d;
        var (n, exact) = (data.Count, data.IsExact);
        if (exact && q == 0) draws = 1;
        var rows = n + q;
        double[] points = [.. data.Points, .. pending];
        var tasks = new int[rows];
        for (var i = 0; i < n; i++) tasks[i] = data.Task(i);

        var kernel = process.Kernel;
        var k = new double[rows * rows];
        for (var i = 0; i < rows; i++)
            for (var j = 0; j <= i; j++)
                k[i * rows + j] = k[j * rows + i] = kernel.Between(tasks[i], tasks[j]) * kernel.Value(points.AsSpan(i * d, d), points.AsSpan(j * d, d), out _);

        // posterior of the rows that are not known exactly, given the measured values
        var first = exact ? n : 0;
        var free = rows - first;
        double[] mean = new double[rows], at = new double[draws * rows];
        if (free > 0)
        {
            var cross = new double[free * n]; // L⁻¹k of each free row
            var covariance = new double[free * free];
            for (var i = 0; i < free; i++)
            {
                var row = cross.AsSpan(i * n, n);
                k.AsSpan((first + i) * rows, n).CopyTo(row);
                mean[first + i] = process.MeanOf(tasks[first + i]) + Vectors.Dot(row, process.Alpha);
                process.Factor.SolveLower(row);
                for (var j = 0; j <= i; j++) covariance[i * free + j] = k[(first + i) * rows + first + j] - Vectors.Dot(row, cross.AsSpan(j * n, n));
                covariance[i * free + i] += 1e-10 * kernel.Variance;
            }
            if (Cholesky.TryWithJitter(covariance, free) is not { } spread) return null;
            Draw(spread, mean.AsSpan(first), draws, random, at, first, rows);
        }
        for (var s = 0; s < draws; s++)
            for (var i = 0; i < first; i++) at[s * rows + i] = process.Standardised(data.Values[i], tasks[i]);

        for (var i = 0; i < rows; i++) k[i * rows + i] += exact ? process.Nugget : 1e-8 * kernel.Variance;
        if (Cholesky.TryWithJitter(k, rows) is not { } factor) return null;
        var weights = (double[])at.Clone();
        for (var s = 0; s < draws; s++)
        {
            var w = weights.AsSpan(s * rows, rows);
            for (var i = 0; i < rows; i++) w[i] -= process.MeanOf(tasks[i]);
            factor.Solve(w);
        }
        return new(process, points, tasks, factor, at, weights, draws);
    }

    /// <summary>Means of the draws and their common variance at a live point.</summary>
    /// <returns>The variance, at least 10⁻²⁴ of the prior one.</returns>
    public double Evaluate(ReadOnlySpan<double> x, Workspace work)
    {
        var (d, rows) = (Dimensions, Rows);
        Span<double> k = work.Covariances, slopes = work.Slopes;
        for (var i = 0; i < rows; i++)
        {
            var between = _process.Kernel.Between(0, _tasks[i]);
            k[i] = between * _process.Kernel.Value(x, _points.AsSpan(i * d, d), out var slope);
            slopes[i] = between * slope;
        }
        for (var s = 0; s < Draws; s++) work.Means[s] = _mean + Vectors.Dot(k[..rows], _weights.AsSpan(s * rows, rows));
        k[..rows].CopyTo(work.Solved);
        var solved = work.Solved.AsSpan(0, rows);
        _factor.SolveLower(solved);
        var variance = _process.Kernel.Variance - Vectors.Dot(solved, solved);
        return Math.Max(variance, 1e-24 * _process.Kernel.Variance);
    }

    /// <summary>Adds what the weights on means and variance contribute to the gradient by x; after <see cref="Evaluate"/> at the same x.</summary>
    public void AddGradient(ReadOnlySpan<double> x, Workspace work, ReadOnlySpan<double> byMean, double byVariance, Span<double> gradient)
    {
        var (d, rows) = (Dimensions, Rows);
        var byCovariance = work.ByCovariance.AsSpan(0, rows);
        byCovariance.Clear();
        for (var s = 0; s < Draws; s++)
            if (byMean[s] != 0) Vectors.AddScaled(byCovariance, byMean[s], _weights.AsSpan(s * rows, rows));
        var solved = work.Solved.AsSpan(0, rows);
        _factor.SolveUpper(solved);
        Vectors.AddScaled(byCovariance, -2 * byVariance, solved);
        for (var i = 0; i < rows; i++)
        {
            var point = _points.AsSpan(i * d, d);
            for (var j = 0; j < d; j++) gradient[j] += byCovariance[i] * _process.Kernel.ByCoordinate(j, x[j] - point[j], work.Slopes[i]);
        }
    }

    // Stratified normals: in each coordinate every draw takes another of equal slices of the distribution.
    private static void Draw(Cholesky spread, ReadOnlySpan<double> mean, int draws, Philox random, double[] at, int first, int rows)
    {
        var free = mean.Length;
        var normals = new double[draws * free];
        var order = new int[draws];
        for (var i = 0; i < free; i++)
        {
            for (var s = 0; s < draws; s++) order[s] = s;
            random.Shuffle(order.AsSpan());
            for (var s = 0; s < draws; s++) normals[s * free + i] = MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, (order[s] + 0.001 + 0.998 * random.Uniform()) / draws);
        }
        var result = new double[free];
        for (var s = 0; s < draws; s++)
        {
            spread.Multiply(normals.AsSpan(s * free, free), result);
            for (var i = 0; i < free; i++) at[s * rows + first + i] = mean[i] + result[i];
        }
    }

    /// <summary>Memory of one evaluation; one a thread.</summary>
    public sealed class Workspace(int rows, int draws)
    {
        public double[] Covariances { get; } = new double[rows];
        public double[] Slopes { get; } = new double[rows];
        public double[] Solved { get; } = new double[rows];
        public double[] ByCovariance { get; } = new double[rows];
        public double[] Means { get; } = new double[draws];
        public double[] ByMean { get; } = new double[draws];
    }
}

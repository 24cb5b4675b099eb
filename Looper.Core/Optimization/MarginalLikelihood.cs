using Looper.Core.Numerics;

namespace Looper.Core.Optimization;

/// <summary>How badly hyperparameters explain standardised trials: −ln p(y | X, θ) − ln p(θ), with its gradient.</summary>
/// <remarks>θ = (ln ℓ_1 … ln ℓ_d, ln σ², then where present ln nugget, then with offline rows ln a, artanh ρ). Constant means, one a task, are
/// profiled by generalised least squares. Gradient −½tr((ααᵀ − K⁻¹)∂K), α = K⁻¹(y − Hm) (Rasmussen &amp; Williams 2006, eq. 5.9).
/// Priors: ℓ ~ LogNormal(√2 + ½ ln d, √3) (Hvarfner, Hellsten &amp; Nardi 2024); σ ~ half-Cauchy(1); the nugget as <see cref="NoisePrior"/>;
/// (ρ+1)/2 ~ Beta(3, 1.5); ln a ~ N(0, ½). O(n³ + n²d).</remarks>
internal sealed class MarginalLikelihood(ProcessData data, double[] values, double[] noise, double[] shared, NoisePrior? nugget, bool isAnalytic = false)
{
    private readonly int _d = data.Dimensions, _n = values.Length, _tasks = data.HasOffline ? 2 : 1;

    /// <summary>Length of θ.</summary>
    public int Size => _d + 1 + (nugget is null ? 0 : 1) + (_tasks == 2 ? 2 : 0);

    public int NuggetAt => nugget is null ? -1 : _d + 1;

    public int TaskAt => _tasks == 2 ? Size - 2 : -1;

    public NoisePrior? Nugget => nugget;

    public double NuggetOf(ReadOnlySpan<double> theta) => NuggetAt < 0 ? 0 : Elementary.Exp(theta[NuggetAt]);

    public Kernel KernelOf(ReadOnlySpan<double> theta)
    {
        var lengths = new double[_d];
        for (var j = 0; j < _d; j++) lengths[j] = Elementary.Exp(theta[j]);
        var variance = Elementary.Exp(theta[_d]);
        return TaskAt < 0 ? new(lengths, variance, data.Categorical, isAnalytic: isAnalytic)
            : new(lengths, variance, data.Categorical, Elementary.Exp(theta[TaskAt]), Math.Tanh(theta[TaskAt + 1]), isAnalytic);
    }

    /// <summary>Covariance of the measured values: kernel, errors, and the control's error that a group shares.</summary>
    public double[] Covariance(Kernel kernel, double nuggetVariance, double[]? slopes = null)
    {
        var k = new double[_n * _n];
        for (var i = 0; i < _n; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var between = kernel.Between(data.Task(i), data.Task(j));
                var value = between * kernel.Value(data.Point(i), data.Point(j), out var slope);
                if (slopes is not null) (slopes[i * _n + j], slopes[j * _n + i]) = (between * slope, value);
                k[i * _n + j] = value + (Same(i, j) ? Math.Min(shared[i], shared[j]) : 0);
            }
            k[i * _n + i] = kernel.Between(data.Task(i), data.Task(i)) * kernel.Variance + noise[i] + (HasNugget(i) ? nuggetVariance : 0);
        }
        return k;
    }

    /// <param name="gradient">Receives as many numbers as θ; empty skips them.</param>
    /// <returns>NaN where the covariance is singular.</returns>
    public double Value(ReadOnlySpan<double> theta, Span<double> gradient)
    {
        var kernel = KernelOf(theta);
        var nuggetVariance = NuggetOf(theta);
        var parts = gradient.IsEmpty ? null : new double[_n * _n]; // below the diagonal the slope, above it the kernel's value
        if (Cholesky.TryOf(Covariance(kernel, nuggetVariance, parts), _n) is not { } factor) return double.NaN;
        var alpha = Residuals(factor, out var fit);
        var bare = 0.5 * (fit + factor.LogDeterminant + _n * 1.8378770664093453);
        if (parts is null) return bare - Prior(theta, new double[Size]);
        var inverse = factor.Inverse();
        gradient.Clear();
        for (var i = 0; i < _n; i++)
        {
            var xi = data.Point(i);
            for (var j = 0; j < i; j++)
            {
                var w = alpha[i] * alpha[j] - inverse[i * _n + j]; // twice a half: both halves of the matrix
                var (slope, value) = (parts[i * _n + j], parts[j * _n + i]);
                var xj = data.Point(j);
                for (var p = 0; p < _d; p++) gradient[p] -= w * kernel.ByLogLength(p, xi[p] - xj[p], value, slope);
                gradient[_d] -= w * value;
                if (TaskAt >= 0) ByTask(gradient, kernel, w * value, data.Task(i) + data.Task(j));
            }
            var own = 0.5 * (alpha[i] * alpha[i] - inverse[i * _n + i]);
            var variance = kernel.Between(data.Task(i), data.Task(i)) * kernel.Variance;
            gradient[_d] -= own * variance;
            if (NuggetAt >= 0 && HasNugget(i)) gradient[NuggetAt] -= own * nuggetVariance;
            if (TaskAt >= 0 && data.Task(i) == 1) gradient[TaskAt] -= 2 * own * variance;
        }
        return bare - Prior(theta, gradient);
    }

    /// <summary>K⁻¹(y − Hm) with the profiled means.</summary>
    public double[] Residuals(Cholesky factor, out double fit) => Residuals(factor, out fit, out _);

    public double[] Residuals(Cholesky factor, out double fit, out double[] means)
    {
        var alpha = (double[])values.Clone();
        factor.Solve(alpha);
        var columns = new double[_tasks][];
        double[,] a = new double[2, 2];
        double[] b = new double[2];
        for (var t = 0; t < _tasks; t++)
        {
            var column = new double[_n];
            for (var i = 0; i < _n; i++) column[i] = data.Task(i) == t ? 1 : 0;
            factor.Solve(column);
            columns[t] = column;
        }
        for (var i = 0; i < _n; i++)
        {
            b[data.Task(i)] += alpha[i];
            for (var t = 0; t < _tasks; t++) a[data.Task(i), t] += columns[t][i];
        }
        means = new double[2];
        if (_tasks == 1 || a[0, 0] == 0 || a[1, 1] == 0)
        {
            for (var t = 0; t < _tasks; t++) means[t] = a[t, t] > 0 ? b[t] / a[t, t] : 0;
        }
        else
        {
            var det = a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0];
            means = [(b[0] * a[1, 1] - a[0, 1] * b[1]) / det, (a[0, 0] * b[1] - a[1, 0] * b[0]) / det];
        }
        fit = 0;
        for (var t = 0; t < _tasks; t++) Vectors.AddScaled(alpha, -means[t], columns[t]);
        for (var i = 0; i < _n; i++) fit += alpha[i] * (values[i] - means[data.Task(i)]);
        return alpha;
    }

    private bool HasNugget(int i) => nugget is not null && !(data.Noise[i] > 0);

    private bool Same(int i, int j) => !data.Groups.IsEmpty && data.Groups[i] >= 0 && data.Groups[i] == data.Groups[j];

    private void ByTask(Span<double> gradient, Kernel kernel, double weighted, int offline)
    {
        gradient[TaskAt] -= weighted * offline;
        var rho = kernel.Correlation; // the value holds a factor ρ when one of the two is offline
        if (offline == 1 && rho != 0) gradient[TaskAt + 1] -= weighted * (1 - rho * rho) / rho;
    }

    private double Prior(ReadOnlySpan<double> theta, Span<double> gradient)
    {
        var sum = 0.0;
        var mu = Math.Sqrt(2) + 0.5 * Elementary.Log(_d);
        for (var j = 0; j < _d; j++)
        {
            var z = theta[j] - mu;
            sum += -theta[j] - z * z / 6;
            gradient[j] += 1 + z / 3;
        }
        var variance = Elementary.Exp(theta[_d]);
        sum -= Elementary.Log(1 + variance);
        gradient[_d] += variance / (1 + variance);
        if (nugget is { } noisePrior)
        {
            var z = (theta[NuggetAt] - noisePrior.LogMedian) / noisePrior.LogDeviation;
            sum -= 0.5 * z * z;
            gradient[NuggetAt] += z / noisePrior.LogDeviation;
        }
        if (TaskAt < 0) return sum;
        var (a, rho) = (theta[TaskAt], Math.Tanh(theta[TaskAt + 1]));
        sum += -2 * a * a + 2 * Math.Log((1 + rho) / 2) + 0.5 * Math.Log((1 - rho) / 2);
        gradient[TaskAt] += 4 * a;
        gradient[TaskAt + 1] -= 2 * (1 - rho) - 0.5 * (1 + rho); // times dρ = 1 − ρ²
        return sum;
    }
}

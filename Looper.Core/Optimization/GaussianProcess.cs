using Looper.Core.Numerics;

namespace Looper.Core.Optimization;

/// <summary>A prediction with its uncertainty, in the unit of the measured values.</summary>
/// <param name="Mean">Expected value.</param>
/// <param name="Variance">Of the response itself, without the error that measuring it would add.</param>
public readonly record struct Prediction(double Mean, double Variance)
{
    /// <summary>Square root of the variance.</summary>
    public double Deviation => Math.Sqrt(Variance);

    /// <summary>P(response ≤ <paramref name="limit"/>); 0 or 1 for a known response.</summary>
    /// <param name="limit">In the unit of the values.</param>
    public double Below(double limit) =>
        Variance > 0 ? Math.Exp(NormalLogs.LogCumulative((limit - Mean) / Deviation)) : Mean <= limit ? 1 : 0;
}

/// <summary>A smooth response learned from measured trials: what it is expected to be anywhere, and how sure that is.</summary>
/// <remarks>Gaussian process regression with the kernel and priors of <see cref="MarginalLikelihood"/>, hyperparameters at the posterior
/// mode (best of a coarse descent from six starts, the two best refined). Exact values tell how smooth the response is: there the more probable of
/// Matérn-5/2 and the squared exponential is taken, both with the same priors, and the latter only where it foretells each trial by the others:
/// all but exactly (R² ≥ 0.99), or better than the former does (R² ≥ 0.5, log score, 90 % inside their intervals). A belief in more smoothness than the
/// trials show would end the search too soon. Values are standardised inside, by task. Below 2d + 2 live
/// trials the length scales stay at their prior mode. O(n³) a step of the fit. Deterministic, immutable, thread safe.</remarks>
public sealed class GaussianProcess
{
    private const int CoarseSteps = 12, FineSteps = 100;
    private const double Resolved = 0.99, Foretold = 0.5, Covered = 0.9;
    private readonly double[] _alpha, _means, _shift, _scale;

    private GaussianProcess(ProcessData data, Kernel kernel, double nugget, Cholesky factor, MarginalLikelihood likelihood, double[] shift, double[] scale)
    {
        (Data, Kernel, Nugget, Factor, _shift, _scale) = (data, kernel, nugget, factor, shift, scale);
        _alpha = likelihood.Residuals(factor, out _, out _means);
    }

    /// <summary>The trials.</summary>
    public ProcessData Data { get; }

    /// <summary>Kernel at the posterior mode, for standardised values.</summary>
    public Kernel Kernel { get; }

    /// <summary>Inferred variance on the diagonal, in units of the values' variance; 0 when every error is known.</summary>
    public double Nugget { get; }

    internal Cholesky Factor { get; }

    internal ReadOnlySpan<double> Alpha => _alpha;

    internal double MeanOf(int task) => _means[task];

    internal double Scale => _scale[0];

    internal double Standardised(double value, int task = 0) => (value - _shift[task]) / _scale[task];

    /// <summary>Learns from trials.</summary>
    /// <param name="data">At least one row of the live task.</param>
    /// <param name="seed">Of the starts of the fit.</param>
    /// <param name="fixedKernel">Kernel to keep, with <paramref name="fixedNugget"/>; null fits it.</param>
    /// <param name="fixedNugget">Nugget to keep.</param>
    /// <returns>Null when the covariance is singular beyond repair.</returns>
    public static GaussianProcess? Fit(ProcessData data, long seed, Kernel? fixedKernel = null, double fixedNugget = 0)
    {
        var (shift, scale) = Standards(data);
        var n = data.Count;
        double[] values = new double[n], noise = new double[n], shared = new double[n];
        for (var i = 0; i < n; i++)
        {
            var t = data.Task(i);
            values[i] = (data.Values[i] - shift[t]) / scale[t];
            noise[i] = data.Noise[i] > 0 ? data.Noise[i] / (scale[t] * scale[t]) : 0;
            shared[i] = data.SharedNoise.IsEmpty ? 0 : data.SharedNoise[i] / (scale[t] * scale[t]);
        }
        NoisePrior? prior = Array.Exists(data.Noise, double.IsNaN) ? NoisePrior.Unknown : Array.Exists(data.Noise, s => s == 0) ? NoisePrior.Exact : null;
        var likelihood = new MarginalLikelihood(data, values, noise, shared, prior);
        var kernel = fixedKernel;
        var nugget = fixedNugget;
        if (kernel is null)
        {
            var theta = Mode(likelihood, data, prior, seed);
            (kernel, nugget) = (likelihood.KernelOf(theta), likelihood.NuggetOf(theta));
            if (data.IsExact && !data.HasOffline && n >= FewestForLengths(data.Dimensions))
            {
                var analytic = new MarginalLikelihood(data, values, noise, shared, NoisePrior.ExactAnalytic, isAnalytic: true);
                var other = Mode(analytic, data, analytic.Nugget, seed);
                if (analytic.Value(other, []) < likelihood.Value(theta, []) && Of(data, analytic.KernelOf(other), analytic.NuggetOf(other), analytic, shift, scale) is { } smooth
                    && ForetellsBetter(smooth, Of(data, kernel, nugget, likelihood, shift, scale))) return smooth;
            }
        }
        return Of(data, kernel, nugget, likelihood, shift, scale);
    }

    // More probable and yet wrong where the trials are few: it must also tell each trial by the others, and better than the rougher one does.
    private static bool ForetellsBetter(GaussianProcess smooth, GaussianProcess? rough)
    {
        var told = CrossValidation.Of(smooth);
        if (told.RSquared >= Resolved) return true;
        if (rough is null || !(told.RSquared >= Foretold && told.Coverage >= Covered)) return false;
        var other = CrossValidation.Of(rough);
        return told.RSquared > other.RSquared && told.LogScore > other.LogScore;
    }

    private static GaussianProcess? Of(ProcessData data, Kernel kernel, double nugget, MarginalLikelihood likelihood, double[] shift, double[] scale) =>
        Cholesky.TryWithJitter(likelihood.Covariance(kernel, nugget), data.Count) is { } factor ? new(data, kernel, nugget, factor, likelihood, shift, scale) : null;

    /// <summary>The live response at a point.</summary>
    /// <param name="x">d coordinates in the unit cube.</param>
    /// <param name="task">0 = live, 1 = offline.</param>
    public Prediction At(ReadOnlySpan<double> x, int task = 0)
    {
        var k = new double[Data.Count];
        Covariances(x, task, k);
        var mean = _means[task] + Vectors.Dot(k, _alpha);
        Factor.SolveLower(k);
        var variance = Math.Max(0, Kernel.Between(task, task) * Kernel.Variance - Vectors.Dot(k, k));
        return new(_shift[task] + _scale[task] * mean, _scale[task] * _scale[task] * variance);
    }

    /// <summary>Expected live response at a point, in the unit of the values.</summary>
    /// <param name="x">d coordinates in the unit cube.</param>
    public double MeanAt(ReadOnlySpan<double> x)
    {
        var sum = _means[0];
        for (var i = 0; i < _alpha.Length; i++) sum += _alpha[i] * Kernel.Between(0, Data.Task(i)) * Kernel.Value(x, Data.Point(i), out _);
        return _shift[0] + _scale[0] * sum;
    }

    /// <summary>What each trial would have been expected to show by the others, at the same hyperparameters.</summary>
    /// <returns>n predictions of the measured value, error included, in the unit of the values.</returns>
    /// <remarks>μ₋ᵢ = yᵢ − [K⁻¹(y−m)]ᵢ/[K⁻¹]ᵢᵢ, σ²₋ᵢ = 1/[K⁻¹]ᵢᵢ (Rasmussen &amp; Williams 2006, eq. 5.12); the profiled mean is kept.</remarks>
    public Prediction[] LeaveOneOut()
    {
        var inverse = Factor.Inverse();
        var left = new Prediction[Data.Count];
        for (var i = 0; i < left.Length; i++)
        {
            var (variance, scale) = (1 / inverse[i * left.Length + i], _scale[Data.Task(i)]);
            left[i] = new(Data.Values[i] - scale * _alpha[i] * variance, scale * scale * variance);
        }
        return left;
    }

    internal void Covariances(ReadOnlySpan<double> x, int task, Span<double> k)
    {
        for (var i = 0; i < Data.Count; i++) k[i] = Kernel.Between(task, Data.Task(i)) * Kernel.Value(x, Data.Point(i), out _);
    }

    private static (double[] Shift, double[] Scale) Standards(ProcessData data)
    {
        double[] shift = new double[2], scale = [1, 1];
        for (var t = 0; t < 2; t++)
        {
            var values = Enumerable.Range(0, data.Count).Where(i => data.Task(i) == t).Select(i => data.Values[i]).ToArray();
            if (values.Length == 0) continue;
            shift[t] = values.Average();
            var spread = values.Length < 2 ? 0 : Math.Sqrt(values.Sum(v => (v - shift[t]) * (v - shift[t])) / (values.Length - 1));
            var typicalError = Math.Sqrt(Enumerable.Range(0, data.Count).Where(i => data.Task(i) == t).Average(i => data.Noise[i] > 0 ? data.Noise[i] : 0));
            scale[t] = spread > 0 ? spread : typicalError > 0 ? typicalError : 1;
        }
        return (shift, scale);
    }

    // Of d parameters: below it the length scales are what is believed beforehand.
    internal static int FewestForLengths(int d) => 2 * d + 2;

    private static double ModeOfLength(int d) => Math.Sqrt(2) + 0.5 * Elementary.Log(d) - 3;

    private static (double[] Low, double[] High) Bounds(MarginalLikelihood likelihood, ProcessData data, bool few)
    {
        var d = data.Dimensions;
        double[] low = new double[likelihood.Size], high = new double[likelihood.Size];
        for (var j = 0; j < d; j++) (low[j], high[j]) = few ? (ModeOfLength(d), ModeOfLength(d)) : (Elementary.Log(0.025), Elementary.Log(1e3));
        (low[d], high[d]) = (Elementary.Log(1e-3), Elementary.Log(1e4));
        if (likelihood.Nugget is { } noise) (low[likelihood.NuggetAt], high[likelihood.NuggetAt]) = (Elementary.Log(noise.Least), Elementary.Log(noise.Most));
        if (likelihood.TaskAt >= 0) (low[^2], high[^2], low[^1], high[^1]) = (-2, 2, -4, 4);
        return (low, high);
    }

    private static double[] Mode(MarginalLikelihood likelihood, ProcessData data, NoisePrior? prior, long seed)
    {
        var d = data.Dimensions;
        var mode = ModeOfLength(d);
        var few = Enumerable.Range(0, data.Count).Count(i => data.Task(i) == 0) < FewestForLengths(d) && !data.HasOffline;
        var (low, high) = Bounds(likelihood, data, few);
        var draws = new Sobol(likelihood.Size, new Philox(seed, "starts of the fit"));
        var starts = new List<(double Value, double[] Theta)>();
        var point = new double[likelihood.Size];
        for (var s = 0u; s < 6; s++)
        {
            draws.Point(s, point);
            var theta = new double[likelihood.Size];
            for (var j = 0; j < d; j++) theta[j] = s == 0 ? mode : Elementary.Log(0.05) + point[j] * Elementary.Log(60);
            if (s == 1) Array.Fill(theta, Elementary.Log(0.5), 0, d);
            theta[d] = s < 2 ? 0 : 2 * point[d] - 0.5;
            if (prior is { } p) theta[likelihood.NuggetAt] = s == 0 ? p.LogMedian : Math.Max(p.LogMedian + p.LogDeviation * (2 * point[likelihood.NuggetAt] - 1), Elementary.Log(p.Least));
            if (likelihood.TaskAt >= 0) theta[^1] = s % 2 == 0 ? 0.5 : 1.5;
            var value = BoxLbfgs.Minimize(likelihood.Value, theta, low, high, CoarseSteps, 1e-4);
            if (!double.IsNaN(value)) starts.Add((value, theta));
            if (few && s == 1) break;
        }
        if (starts.Count == 0) return [.. Enumerable.Range(0, likelihood.Size).Select(j => j < d ? mode : j == likelihood.NuggetAt ? prior!.Value.LogMedian : 0)];
        var best = starts.OrderBy(s => s.Value).Take(2).ToArray();
        for (var i = 0; i < best.Length; i++) best[i].Value = BoxLbfgs.Minimize(likelihood.Value, best[i].Theta, low, high, FineSteps, 1e-5);
        return best.MinBy(s => s.Value).Theta;
    }
}

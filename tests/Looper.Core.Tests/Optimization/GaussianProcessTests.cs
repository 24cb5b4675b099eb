using Looper.Core.Numerics;
using Looper.Core.Optimization;
using MathNet.Numerics.LinearAlgebra;

namespace Looper.Core.Tests.Optimization;

public class GaussianProcessTests
{
    private static ProcessData Draw(int n, int d, bool offline = false, bool groups = false, double noise = 0.04)
    {
        var random = new Philox(11);
        var points = new double[n * d];
        for (var i = 0; i < n; i++)
            for (var j = 0; j < d; j++) points[i * d + j] = j == d - 1 ? random.Below(3) : random.Uniform();
        var values = Enumerable.Range(0, n).Select(i => Math.Sin(6 * points[i * d]) + points[i * d + d - 1] + 0.2 * random.Normal()).ToArray();
        return new(d, points, values, [.. values.Select((_, i) => i % 3 == 0 ? noise : 2 * noise)], [.. Enumerable.Range(0, d).Select(j => j == d - 1)])
        {
            Tasks = offline ? [.. values.Select((_, i) => i % 2)] : [],
            Groups = groups ? [.. values.Select((_, i) => i % 4 - 1)] : [],
            SharedNoise = groups ? [.. values.Select(_ => 0.01)] : [],
        };
    }

    [Theory] // identity: gradient against central differences, every kind of hyperparameter
    [InlineData(false, false, false)]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    [InlineData(true, true, false, true)]
    public void Gradient_of_the_likelihood_is_that_of_differences(bool unknownNoise, bool offline, bool groups, bool analytic = false)
    {
        var data = Draw(18, 3, offline, groups);
        var likelihood = new MarginalLikelihood(data with { Noise = unknownNoise ? [.. data.Noise.Select(_ => double.NaN)] : data.Noise }, data.Values,
            [.. data.Noise.Select(s => unknownNoise ? 0 : s)], [.. data.Values.Select(_ => groups ? 0.01 : 0)], unknownNoise ? NoisePrior.Unknown : null, analytic);
        var theta = Enumerable.Range(0, likelihood.Size).Select(i => -0.7 + 0.21 * i).ToArray();
        var gradient = new double[theta.Length];
        likelihood.Value(theta, gradient);
        for (var i = 0; i < theta.Length; i++)
        {
            double[] up = [.. theta], down = [.. theta];
            (up[i], down[i]) = (up[i] + 1e-5, down[i] - 1e-5);
            Assert.Equal((likelihood.Value(up, []) - likelihood.Value(down, [])) / 2e-5, gradient[i], 1e-5 * (1 + Math.Abs(gradient[i])));
        }
    }

    [Fact]
    public void Exact_values_tell_how_smooth_a_response_is_and_noisy_ones_do_not()
    {
        static GaussianProcess Fit(Func<double, double, double> response, double error)
        {
            var random = new Philox(5, "smoothness");
            double[] points = [.. Enumerable.Range(0, 50).Select(_ => random.Uniform())];
            return GaussianProcess.Fit(new(2, points, [.. Enumerable.Range(0, 25).Select(i => response(points[2 * i], points[2 * i + 1]))], [.. Enumerable.Repeat(error, 25)], [false, false]), 1)!;
        }
        Assert.True(Fit((x, y) => Math.Sin(4 * x) * Math.Cos(3 * y), 0).Kernel.IsAnalytic);
        Assert.False(Fit((x, y) => (x > 0.37 ? 1 : 0) + 0.3 * y, 0).Kernel.IsAnalytic);
        Assert.False(Fit((x, y) => Math.Sin(4 * x) * Math.Cos(3 * y), 1e-4).Kernel.IsAnalytic);
    }

    [Fact] // MathNet, dense algebra at the fitted hyperparameters
    public void Posterior_and_leave_one_out_are_those_of_brute_force()
    {
        var data = Draw(20, 2);
        var process = GaussianProcess.Fit(data, 1)!;
        var (mean, scale) = (data.Values.Average(), Math.Sqrt(data.Values.Sum(v => Math.Pow(v - data.Values.Average(), 2)) / 19));
        double K(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => process.Kernel.Value(a, b, out _);
        var covariance = Matrix<double>.Build.Dense(20, 20, (i, j) => K(data.Point(i), data.Point(j)) + (i == j ? data.Noise[i] / (scale * scale) : 0));
        var y = Vector<double>.Build.Dense(20, i => (data.Values[i] - mean) / scale);
        var inverse = covariance.Inverse();
        var ones = Vector<double>.Build.Dense(20, 1);
        var m = ones * inverse * y / (ones * inverse * ones);
        double[] x = [0.37, 1];
        var k = Vector<double>.Build.Dense(20, i => K(data.Point(i), x));
        Assert.Equal(mean + scale * (m + k * inverse * (y - m)), process.At(x).Mean, 1e-8);
        Assert.Equal(scale * scale * (K(x, x) - k * inverse * k), process.At(x).Variance, 1e-8);
        Assert.Equal(process.At(x).Mean, process.MeanAt(x), 1e-10);

        var rest = Enumerable.Range(0, 20).Where(i => i != 7).ToArray(); // the seventh really left out, with the mean kept
        var smaller = Matrix<double>.Build.Dense(19, 19, (i, j) => covariance[rest[i], rest[j]]).Inverse();
        var cross = Vector<double>.Build.Dense(19, i => covariance[rest[i], 7]);
        var others = Vector<double>.Build.Dense(19, i => y[rest[i]] - m);
        Assert.Equal(mean + scale * (m + cross * smaller * others), process.LeaveOneOut()[7].Mean, 1e-8);
        Assert.Equal(scale * scale * (covariance[7, 7] - cross * smaller * cross), process.LeaveOneOut()[7].Variance, 1e-8);
    }

    [Fact] // simulation: 95 % ± 3.3·√(0.95·0.05/400), widened by what fitting the hyperparameters on 25 points costs (5 points)
    public void Bands_cover_draws_of_a_process_as_often_as_they_say()
    {
        var random = new Philox(5);
        var kernel = new Kernel([0.4], 1, [false]);
        var (covered, total) = (0, 0);
        for (var run = 0; run < 40; run++)
        {
            var x = Enumerable.Range(0, 35).Select(_ => random.Uniform()).ToArray();
            var k = new double[35 * 35];
            for (var i = 0; i < 35; i++)
                for (var j = 0; j < 35; j++) k[i * 35 + j] = kernel.Value([x[i]], [x[j]], out _) + (i == j ? 1e-9 : 0);
            var f = new double[35];
            Cholesky.TryWithJitter(k, 35)!.Multiply([.. x.Select(_ => random.Normal())], f);
            var process = GaussianProcess.Fit(new(1, x[..25], [.. f[..25].Select(v => v + 0.3 * random.Normal())], [.. Enumerable.Repeat(0.09, 25)], [false]), run)!;
            for (var i = 25; i < 35; i++, total++)
                if (process.At([x[i]]) is var p && Math.Abs(p.Mean - f[i]) <= 1.96 * p.Deviation) covered++;
        }
        Assert.InRange(covered / (double)total, 0.95 - 0.036 - 0.05, 0.95 + 0.036);
    }

    [Fact]
    public void A_constant_metric_gives_a_flat_model_that_stays_unsure()
    {
        var process = GaussianProcess.Fit(new(1, [0, 0.5, 1], [2, 2, 2], [0.01, 0.01, 0.01], [false]), 1)!;
        Assert.Equal(2, process.At([0.3]).Mean, 1e-9);
        Assert.True(process.At([0.3]).Variance > 0);
        Assert.Equal(double.NaN, CrossValidation.Of(process).RSquared);
    }

    [Fact]
    public void A_shared_control_makes_two_arms_less_informative_than_two_of_their_own()
    {
        var alone = new ProcessData(1, [0.2, 0.4, 0.6, 0.8], [1, 2, 1.5, 1.2], [0.2, 0.2, 0.2, 0.2], [false]);
        var fit = GaussianProcess.Fit(alone, 1)!;
        var together = GaussianProcess.Fit(alone with { Groups = [0, 0, 0, 0], SharedNoise = [0.1, 0.1, 0.1, 0.1] }, 1, fit.Kernel)!;
        Assert.NotEqual(fit.At([0.5]).Mean, together.At([0.5]).Mean);
    }
}

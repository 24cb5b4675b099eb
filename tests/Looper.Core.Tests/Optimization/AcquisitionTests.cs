using Looper.Core.Numerics;
using Looper.Core.Optimization;

namespace Looper.Core.Tests.Optimization;

public class AcquisitionTests
{
    private static SampledSurface Surface(long seed, int draws, double noise = 0.05, double[]? pending = null)
    {
        var random = new Philox(seed);
        var x = Enumerable.Range(0, 12 * 2).Select(_ => random.Uniform()).ToArray();
        var y = Enumerable.Range(0, 12).Select(i => Math.Sin(5 * x[2 * i] + seed) + x[2 * i + 1] * x[2 * i + 1]).ToArray();
        return SampledSurface.Of(GaussianProcess.Fit(new(2, x, y, [.. y.Select(_ => noise)], [false, false]), seed)!, pending ?? [], draws, new Philox(seed, "draws"))!;
    }

    private static Acquisition Of(int goals, int limits, int draws, double noise = 0.05, double[]? pending = null, bool anyFeasible = true)
    {
        var rows = 12 + (pending?.Length ?? 0) / 2;
        return new([.. Enumerable.Range(0, goals).Select(g => Surface(g, draws, noise, pending))], [.. Enumerable.Range(0, limits).Select(c => Surface(10 + c, draws, noise, pending))],
            [.. Enumerable.Range(0, goals + limits).Select(i => i % 2 == 0 ? 1.0 : -1)], [.. Enumerable.Repeat(0.3, limits)], [.. Enumerable.Range(0, rows)],
            goals == 1 ? [] : [.. Enumerable.Repeat(1.5, goals)], limits, anyFeasible);
    }

    [Theory] // identity: analytic gradients against central differences
    [InlineData(1, 0, 16, 0.05)]
    [InlineData(1, 2, 16, 0.05)]
    [InlineData(1, 1, 1, 0)]
    [InlineData(2, 0, 8, 0.05)]
    [InlineData(2, 1, 8, 0.05)]
    [InlineData(3, 1, 4, 0.05)]
    public void Gradient_is_that_of_differences(int goals, int limits, int draws, double noise)
    {
        foreach (var (pending, feasible) in ((double[]?, bool)[])[(null, true), ([0.31, 0.72], true), (null, false)])
        {
            var acquisition = Of(goals, limits, draws, noise, pending, feasible);
            foreach (var x in (double[][])[[0.13, 0.84], [0.52, 0.41], [0.9, 0.07]])
            {
                var gradient = new double[2];
                acquisition.Value(x, gradient);
                for (var j = 0; j < 2; j++)
                {
                    double[] up = [.. x], down = [.. x];
                    (up[j], down[j]) = (up[j] + 1e-5, down[j] - 1e-5);
                    Assert.Equal((acquisition.Value(up, []) - acquisition.Value(down, [])) / 2e-5, gradient[j], 1e-5 * (1 + Math.Abs(gradient[j])));
                }
            }
        }
    }

    [Fact] // simulation: 200,000 draws, within 4 standard errors
    public void Expected_improvement_is_the_mean_of_simulated_ones()
    {
        var random = new Philox(2);
        for (var state = 0; state < 10; state++)
        {
            var (mu, sigma, best) = (random.Normal(), 0.2 + random.Uniform(), random.Normal());
            var gains = Enumerable.Range(0, 200_000).Select(_ => Math.Max(0, best - mu - sigma * random.Normal())).ToArray();
            var error = Math.Sqrt(gains.Average(g => g * g) / gains.Length);
            Assert.Equal(gains.Average(), Math.Exp(Acquisition.Improvement(mu, sigma, best, out _, out _)), 4 * error + 1e-6);
        }
    }

    [Theory, InlineData(2), InlineData(3)] // simulation: 20,000 draws, within 4 standard errors
    public void Expected_growth_of_the_dominated_volume_is_the_mean_of_simulated_ones(int goals)
    {
        var random = new Philox(goals);
        var corner = Enumerable.Repeat(1.2, goals).ToArray();
        for (var state = 0; state < 5; state++)
        {
            var points = Enumerable.Range(0, 6).Select(_ => corner.Select(_ => random.Normal()).ToArray()).ToArray();
            double[] mu = [.. corner.Select(_ => random.Normal() * 0.5)], sigma = [.. corner.Select(_ => 0.3 + random.Uniform())];
            double[] byMu = new double[goals], byDeviation = new double[goals];
            var log = Boxes.Above(points, corner).LogGain(mu, sigma, byMu, byDeviation);
            var before = ParetoFront.Hypervolume(points, corner);
            var gains = Enumerable.Range(0, 20_000)
                .Select(_ => ParetoFront.Hypervolume([.. points, [.. mu.Select((m, j) => m + sigma[j] * random.Normal())]], corner) - before).ToArray();
            Assert.Equal(gains.Average(), Math.Exp(log), 4 * Math.Sqrt(gains.Average(g => g * g) / gains.Length) + 1e-9);
        }
    }

    [Fact] // identity
    public void With_an_empty_front_the_growth_is_the_product_of_the_improvements()
    {
        double[] mu = [0.3, -0.2], sigma = [0.5, 0.8], by = new double[2], byDeviation = new double[2];
        var product = Acquisition.Improvement(0.3, 0.5, 1, out _, out _) + Acquisition.Improvement(-0.2, 0.8, 0.7, out _, out _);
        Assert.Equal(product, Boxes.Above([], [1, 0.7]).LogGain(mu, sigma, by, byDeviation), 1e-12);
    }

    [Fact] // hand-computed: three steps of a stair, and a cube with a corner
    public void Volume_is_that_of_the_union_of_boxes()
    {
        Assert.Equal(3 * 1 + 2 * 1 + 1 * 1, ParetoFront.Hypervolume([[0, 2], [1, 1], [2, 0], [2, 2], [5, 5]], [3, 3]), 1e-12);
        Assert.Equal(8 + 3 * 3 * 1 - 2 * 2 * 1, ParetoFront.Hypervolume([[1, 1, 1], [0, 0, 2]], [3, 3, 3]), 1e-12);
        Assert.Equal(0, ParetoFront.Hypervolume([[4, 0]], [3, 3]));
    }

    [Fact]
    public void A_front_keeps_what_nothing_beats_once() =>
        Assert.Equal([[1, 3], [2, 2]], ParetoFront.Of([[1, 3], [2, 2], [2, 2], [2, 4], [3, 2]]));

    [Fact]
    public void An_exact_surface_needs_one_draw_and_passes_through_its_values()
    {
        var surface = Surface(1, 32, noise: 0);
        Assert.Equal(1, surface.Draws);
        var work = new SampledSurface.Workspace(surface.Rows, 1);
        surface.Evaluate(surface.Process.Data.Point(4), work);
        Assert.Equal(surface.Process.Standardised(surface.Process.Data.Values[4]), work.Means[0], 1e-3);
    }
}

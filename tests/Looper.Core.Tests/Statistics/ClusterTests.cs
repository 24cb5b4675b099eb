using Looper.Core.Numerics;
using Looper.Core.Statistics;
using Looper.Testing;
using MathNet.Numerics.LinearAlgebra;

namespace Looper.Core.Tests.Statistics;

public class ClusterTests
{
    [Fact] // the definition itself, with matrices: OLS of the unit's value on constant and arm, CR2 and its Satterthwaite degrees of freedom
    public void Closed_forms_equal_the_general_CR2_of_the_regression()
    {
        double[][] control = [[1, 2, 3], [4, 2], [0, 1, 1, 5]], treatment = [[3, 5], [6, 2, 4, 7, 1], [2], [8, 3, 3]];
        var effect = ClusterDifference.Between([.. control.Select(Of)], [.. treatment.Select(Of)]);
        var (estimate, error, degrees) = General([.. control, .. treatment], control.Length);
        Assert.Equal(estimate, effect.Value, 1e-12);
        Assert.Equal(error, effect.StandardError, 1e-12);
        Assert.Equal(degrees, effect.DegreesOfFreedom, 1e-8);
    }

    [Fact] // clusters of very different sizes whose members resemble each other
    public void Interval_covers_with_twelve_unequal_clusters_an_arm_where_unit_level_errors_do_not()
    {
        int runs = Sizes.IsLong ? 10_000 : 1_000, covered = 0, naive = 0;
        for (var run = 0; run < runs; run++)
        {
            var random = new Philox(51, "clusters", run);
            var arms = new[] { new List<Cluster>(), new List<Cluster>() };
            var units = new Moments[2];
            for (var g = 0; g < 24; g++)
            {
                double level = random.Normal(), sum = 0;
                var size = 5 + random.Below(30);
                for (var i = 0; i < size; i++)
                {
                    var value = level + random.Normal();
                    sum += value;
                    units[g % 2] = units[g % 2].With(value);
                }

                arms[g % 2].Add(new(size, sum));
            }

            if (Reading.Fixed(ClusterDifference.Between([.. arms[0]], [.. arms[1]]), 0.95).Interval.Contains(0)) covered++;
            if (Reading.Fixed(MeanDifference.Between(MetricSummary.OfMean(units[0]), MetricSummary.OfMean(units[1])), 0.95).Interval.Contains(0)) naive++;
        }

        Draw.InBand(0.95, runs, covered / (double)runs);
        Assert.True(naive / (double)runs < 0.6, $"unit-level intervals covered {naive} of {runs}");
    }

    [Fact]
    public void One_cluster_an_arm_says_nothing()
    {
        Assert.Equal(Cause.TooFewUnits, ClusterDifference.Between([new(10, 5)], [new(10, 6), new(10, 7)]).Why);
        Assert.Equal(Cause.EmptyArm, ClusterDifference.Between([], [new(10, 6), new(10, 7)]).Why);
        Assert.Equal(Cause.ZeroVariance, ClusterDifference.Between([new(10, 5), new(20, 10)], [new(10, 6), new(10, 7)]).Why);
    }

    [Fact] // 4 clusters, 2 treated: of the 6 ways to choose them, this one and its mirror image are the most extreme
    public void Randomisation_p_is_the_share_of_assignments_as_extreme()
    {
        Cluster[] clusters = [new(1, 0), new(1, 1), new(1, 10), new(1, 11)];
        var p = RandomisationTest.P(clusters, [false, false, true, true], [], seed: 1, draws: 20_000);
        Assert.Equal(2.0 / 6, p, 0.02);
    }

    [Fact]
    public void Randomisation_p_is_uniform_when_nothing_is_there()
    {
        int runs = 400, below = 0;
        for (var run = 0; run < runs; run++)
        {
            var random = new Philox(52, "null", run);
            Cluster[] clusters = [.. Enumerable.Range(0, 12).Select(_ => new Cluster(1 + random.Below(9), 10 * random.Normal()))];
            if (RandomisationTest.P(clusters, [.. Enumerable.Range(0, 12).Select(i => i % 2 == 0)], [], run, draws: 400) <= 0.1) below++;
        }

        Draw.InBand(0.1, runs, below / (double)runs);
    }

    [Fact]
    public void Randomisation_keeps_the_arms_of_each_stratum()
    {
        Cluster[] clusters = [new(1, 0), new(1, 5), new(1, 100), new(1, 105)];
        Assert.Equal(0.5, RandomisationTest.P(clusters, [false, true, false, true], [0, 0, 1, 1], seed: 3, draws: 20_000), 0.02);
    }

    private static Cluster Of(double[] values) => new(values.Length, values.Sum());

    private static (double Estimate, double Error, double Degrees) General(double[][] clusters, int controls)
    {
        var n = clusters.Sum(c => c.Length);
        Matrix<double> x = Matrix<double>.Build.Dense(n, 2), y = Matrix<double>.Build.Dense(n, 1);
        var starts = new int[clusters.Length];
        for (int g = 0, row = 0; g < clusters.Length; g++)
        {
            starts[g] = row;
            foreach (var value in clusters[g]) (x[row, 0], x[row, 1], y[row++, 0]) = (1, g < controls ? 0 : 1, value);
        }

        var bread = (x.Transpose() * x).Inverse();
        var beta = bread * x.Transpose() * y;
        var residual = y - x * beta;
        var rest = Matrix<double>.Build.DenseIdentity(n) - x * bread * x.Transpose();
        var contrast = Vector<double>.Build.Dense([0.0, 1.0]);
        var gradients = Matrix<double>.Build.Dense(n, clusters.Length);
        var variance = 0.0;
        for (var g = 0; g < clusters.Length; g++)
        {
            int from = starts[g], size = clusters[g].Length;
            var own = rest.SubMatrix(from, size, from, size);
            var spectrum = own.Evd(Symmetricity.Symmetric);
            var scale = spectrum.EigenVectors * Matrix<double>.Build.DenseOfDiagonalVector(spectrum.EigenValues.Map(v => v.Real > 1e-9 ? 1 / Math.Sqrt(v.Real) : 0))
                * spectrum.EigenVectors.Transpose();
            var weights = scale * x.SubMatrix(from, size, 0, 2) * bread * contrast;
            var score = weights * residual.SubMatrix(from, size, 0, 1).Column(0);
            variance += score * score;
            gradients.SetColumn(g, rest.SubMatrix(0, n, from, size) * weights);
        }

        var products = gradients.Transpose() * gradients;
        return (beta[1, 0], Math.Sqrt(variance), Math.Pow(products.Trace(), 2) / (products * products).Trace());
    }
}

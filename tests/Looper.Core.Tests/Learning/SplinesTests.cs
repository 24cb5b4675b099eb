using Looper.Core.Learning;
using Looper.Core.Learning.Splines;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

public class SplinesTests(ITestOutputHelper output)
{
    private static DataSet Made(int rows, Func<double[], double> label, double noise, long seed)
    {
        var random = new Philox(seed, "splines");
        double[][] x = [.. Enumerable.Range(0, 6).Select(j => Enumerable.Range(0, rows).Select(_ => j == 5 ? random.Below(4) : 2 * random.Uniform() - 1).ToArray())];
        Column[] columns = [.. x.Select((_, j) => j == 5 ? new Column("level", ColumnKind.Category, ["a", "b", "c", "d"]) : new Column($"x{j}", ColumnKind.Number, []))];
        return new([.. columns], x, [.. Enumerable.Range(0, rows).Select(i => label([.. x.Select(c => c[i])]) + noise * random.Normal())]);
    }

    private static double Bent(double[] x) => 2 + 3 * Math.Max(0, x[0] - 0.25) - 4 * x[1] * Math.Max(0, 0.5 - x[2]) + (x[3] > 0 ? 1 : 0) + (x[5] == 2 ? 1.5 : 0);

    private static double Error(DataSet data, IPredictor fit) => Math.Sqrt(data.Predictions(fit).Select((p, i) => (p - data.Labels[i]) * (p - data.Labels[i])).Average());

    [Fact] // knots lie at 32nds of the rows, so a bend between two of them is met nearly
    public void Bends_steps_levels_and_products_are_found()
    {
        var (train, test) = (Made(2_000, Bent, 0.2, 1), Made(2_000, Bent, 0, 2));
        var fit = SplineFit.Fit(train, 1, default);
        output.WriteLine($"error on unseen rows {Error(test, fit):F3} with {fit.Terms} terms");
        Assert.True(Error(test, fit) < 0.12, $"{Error(test, fit):F3}");
    }

    [Fact] // what is left has nothing to do with the constant, nor with the fit, which is a sum of the terms; a plane with a product is met
    public void Weights_are_those_of_least_squares()
    {
        static double Plane(double[] x) => 1 - 2 * x[0] + 0.5 * x[1] + 3 * x[0] * x[4];
        var train = Made(600, Plane, 0.5, 3);
        var fitted = train.Predictions(SplineFit.Fit(train, 1, default));
        Assert.Equal(0, fitted.Select((p, i) => train.Labels[i] - p).Average(), 1e-9);
        Assert.Equal(0, fitted.Select((p, i) => (train.Labels[i] - p) * p).Average(), 1e-9);
        Assert.True(Error(Made(600, Plane, 0, 4), SplineFit.Fit(Made(600, Plane, 0, 3), 1, default)) < 0.02);
    }

    [Fact]
    public void Noise_alone_is_told_by_few_terms()
    {
        var (train, test) = (Made(1_000, _ => 5, 1, 5), Made(1_000, _ => 5, 0, 6));
        var fit = SplineFit.Fit(train, 1, default);
        output.WriteLine($"error {Error(test, fit):F3} with {fit.Terms} terms");
        Assert.True(Error(test, fit) < 0.25, $"{Error(test, fit):F3}");
    }

    [Fact] // half of the rows say something else, with a weight of next to nothing
    public void Rows_count_as_their_weights_say()
    {
        var train = Made(2_000, Bent, 0.2, 7);
        double[] weights = [.. train.Labels.Select((_, i) => i % 2 == 0 ? 1 : 1e-9)];
        for (var i = 1; i < train.Rows; i += 2) train.Labels[i] = -50;
        var fit = SplineFit.Fit(new(train.Columns, train.Values, train.Labels, weights), 1, default);
        Assert.True(Error(Made(1_000, Bent, 0, 8), fit) < 0.2, $"{Error(Made(1_000, Bent, 0, 8), fit):F3}");
        Assert.Throws<UnlearnableException>(() => SplineFit.Fit(new(train.Columns, train.Values, train.Labels, new double[train.Rows]), 1, default));
    }

    [Fact]
    public void Missing_and_distant_values_are_taken_and_a_seed_fixes_the_fit()
    {
        var train = Made(500, Bent, 0.2, 9);
        for (var i = 0; i < train.Rows; i += 5) train.Values[0][i] = train.Values[5][i] = double.NaN;
        Array.Fill(train.Values[4], double.NaN);
        var fit = SplineFit.Fit(train, 1, default);
        Assert.Equal(train.Predictions(fit), train.Predictions(SplineFit.Fit(train, 1, default)));
        double[] row = [0.5, 0.5, 0.5, 0.5, 0, 1], far = [1e9, 0.5, 0.5, 0.5, 0, 1], edge = [train.Values[0].Where(double.IsFinite).Max(), 0.5, 0.5, 0.5, 0, 1];
        Assert.Equal(fit.Predict(edge), fit.Predict(far)); // nothing is said beyond what was seen
        Assert.True(double.IsFinite(fit.Predict([double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 77])));
        Assert.NotEqual(fit.Predict(row), fit.Predict(far));
        var single = SplineFit.Fit(train.Take([3]), 1, default);
        Assert.Equal(train.Labels[3], single.Predict(row), 1e-9);
    }
}

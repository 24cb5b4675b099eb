using Looper.Core.Numerics;

namespace Looper.Core.Tests.Numerics;

public class BoxLbfgsTests
{
    private static double Rosenbrock(ReadOnlySpan<double> x, Span<double> gradient)
    {
        var (a, b) = (1 - x[0], x[1] - x[0] * x[0]);
        (gradient[0], gradient[1]) = (-2 * a - 400 * x[0] * b, 200 * b);
        return a * a + 100 * b * b;
    }

    [Fact] // its minimum is 0 at (1, 1)
    public void Finds_the_bottom_of_a_bent_valley()
    {
        double[] x = [-1.2, 1];
        Assert.InRange(BoxLbfgs.Minimize(Rosenbrock, x, [-5, -5], [5, 5], 200, 1e-9), 0, 1e-12);
        Assert.Equal(1, x[0], 1e-5);
    }

    [Fact] // with x ≤ 0.5 the best is (0.5, 0.25), value 0.25
    public void Stays_in_the_box_and_finds_the_best_on_its_edge()
    {
        double[] x = [-3, 9]; // outside
        Assert.Equal(0.25, BoxLbfgs.Minimize(Rosenbrock, x, [-2, -2], [0.5, 2], 500, 1e-9), 1e-8);
        Assert.Equal((0.5, 0.25), (x[0], Math.Round(x[1], 4)));
    }

    [Fact]
    public void A_function_undefined_at_the_start_gives_no_number() =>
        Assert.Equal(double.NaN, BoxLbfgs.Minimize((_, _) => double.NaN, new double[1], [0], [1], 10));

    [Fact]
    public void Steps_back_from_where_the_function_does_not_exist()
    {
        double[] x = [1];
        var value = BoxLbfgs.Minimize((x, g) => (x[0] <= 0.2 ? double.NaN : x[0] - Math.Log(x[0] - 0.2)) + 0 * (g[0] = 1 - 1 / (x[0] - 0.2)), x, [-10], [10], 100, 1e-9);
        Assert.Equal(1.2, x[0], 1e-5);
        Assert.Equal(1.2, value, 1e-9);
    }
}

using Looper.Core.Numerics;

namespace Looper.Core.Tests.Numerics;

public class CholeskyTests
{
    private static double[] Positive(int n)
    {
        var random = new Philox(3);
        var b = Enumerable.Range(0, n * n).Select(_ => random.Normal()).ToArray();
        var a = new double[n * n];
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++)
                for (var k = 0; k < n; k++) a[i * n + j] += b[i * n + k] * b[j * n + k];
        return a;
    }

    [Theory, InlineData(1), InlineData(7), InlineData(8), InlineData(23)] // identity
    public void Inverse_times_matrix_is_the_identity(int n)
    {
        var a = Positive(n);
        var inverse = Cholesky.TryOf(a, n)!.Inverse();
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++)
                Assert.Equal(i == j ? 1 : 0, Enumerable.Range(0, n).Sum(k => a[i * n + k] * inverse[k * n + j]), 1e-7);
    }

    [Fact] // MathNet, dense
    public void Solution_and_determinant_are_those_of_another_library()
    {
        var a = Positive(12);
        var matrix = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.Dense(12, 12, a);
        var b = Enumerable.Range(0, 12).Select(i => (double)i).ToArray();
        var expected = matrix.Solve(MathNet.Numerics.LinearAlgebra.Vector<double>.Build.Dense([.. b]));
        var factor = Cholesky.TryOf(a, 12)!;
        factor.Solve(b);
        for (var i = 0; i < 12; i++) Assert.Equal(expected[i], b[i], 1e-8 * Math.Abs(expected[i]) + 1e-10);
        Assert.Equal(Math.Log(matrix.Determinant()), factor.LogDeterminant, 1e-9);
    }

    [Fact]
    public void Indefinite_has_no_factor_and_singular_gets_the_least_jitter()
    {
        Assert.Null(Cholesky.TryOf([1, 2, 2, 1], 2));
        Assert.Null(Cholesky.TryOf([double.NaN], 1));
        Assert.InRange(Cholesky.TryWithJitter([1, 1, 1, 1], 2)!.Jitter, 1e-13, 1e-10);
    }
}

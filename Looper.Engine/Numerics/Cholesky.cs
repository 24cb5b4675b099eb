namespace Looper.Core.Numerics;

/// <summary>The factor L of a symmetric positive definite matrix A = LLᵀ, and what follows from it.</summary>
/// <remarks>Row-major and dense. Golub &amp; Van Loan 2013, Matrix Computations, algorithm 4.2.1 by rows. O(n³/3) to factor. Immutable.</remarks>
public sealed class Cholesky
{
    private readonly double[] _factor;

    private Cholesky(double[] factor, int size) => (_factor, Size) = (factor, size);

    /// <summary>Rows of the matrix.</summary>
    public int Size { get; }

    /// <summary>What was added to the diagonal to make the factor exist; 0 mostly.</summary>
    public double Jitter { get; private init; }

    /// <summary>ln det A.</summary>
    public double LogDeterminant
    {
        get
        {
            var sum = 0.0;
            for (var i = 0; i < Size; i++) sum += Elementary.Log(_factor[i * Size + i]);
            return 2 * sum;
        }
    }

    /// <summary>Row i of L, up to its diagonal.</summary>
    /// <param name="i">From 0.</param>
    public ReadOnlySpan<double> Row(int i) => _factor.AsSpan(i * Size, i + 1);

    /// <summary>Factors a matrix.</summary>
    /// <param name="matrix">n × n, row-major; only its lower half is read.</param>
    /// <param name="size">n.</param>
    /// <param name="jitter">Added to the diagonal.</param>
    /// <returns>Null when the matrix is not positive definite to rounding, or holds a NaN.</returns>
    public static Cholesky? TryOf(ReadOnlySpan<double> matrix, int size, double jitter = 0)
    {
        var l = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            var row = l.AsSpan(i * size, size);
            for (var j = 0; j < i; j++) row[j] = (matrix[i * size + j] - Vectors.Dot(row[..j], l.AsSpan(j * size, j))) / l[j * size + j];
            var pivot = matrix[i * size + i] + jitter - Vectors.Dot(row[..i], row[..i]);
            if (!(pivot > 0) || double.IsPositiveInfinity(pivot)) return null;
            row[i] = Math.Sqrt(pivot);
        }
        return new(l, size) { Jitter = jitter };
    }

    /// <summary>Factors a matrix that rounding may have made indefinite, with the least diagonal addition that works.</summary>
    /// <param name="matrix">n × n, row-major; only its lower half is read.</param>
    /// <param name="size">n.</param>
    /// <returns>Null when even 10⁻⁴ of the mean diagonal is not enough.</returns>
    /// <remarks>Additions of 0, then 10⁻¹² of the mean diagonal, times ten each, up to 10⁻⁴.</remarks>
    public static Cholesky? TryWithJitter(ReadOnlySpan<double> matrix, int size)
    {
        if (TryOf(matrix, size) is { } exact) return exact;
        var trace = 0.0;
        for (var i = 0; i < size; i++) trace += matrix[i * size + i];
        for (var jitter = 1e-12; jitter < 2e-4; jitter *= 10)
            if (TryOf(matrix, size, jitter * trace / size) is { } found) return found;
        return null;
    }

    /// <summary>b ← L⁻¹b.</summary>
    /// <param name="b">n numbers, overwritten.</param>
    public void SolveLower(Span<double> b)
    {
        for (var i = 0; i < Size; i++) b[i] = (b[i] - Vectors.Dot(_factor.AsSpan(i * Size, i), b)) / _factor[i * Size + i];
    }

    /// <summary>b ← L⁻ᵀb.</summary>
    /// <param name="b">n numbers, overwritten.</param>
    public void SolveUpper(Span<double> b)
    {
        for (var i = Size - 1; i >= 0; i--)
        {
            b[i] /= _factor[i * Size + i];
            Vectors.AddScaled(b[..i], -b[i], _factor.AsSpan(i * Size, i));
        }
    }

    /// <summary>b ← A⁻¹b.</summary>
    /// <param name="b">n numbers, overwritten.</param>
    public void Solve(Span<double> b)
    {
        SolveLower(b);
        SolveUpper(b);
    }

    /// <summary>Lz: with standard normal z a draw whose covariance is A.</summary>
    /// <param name="z">n numbers.</param>
    /// <param name="result">Receives n numbers; not the same memory as <paramref name="z"/>.</param>
    public void Multiply(ReadOnlySpan<double> z, Span<double> result)
    {
        for (var i = 0; i < Size; i++) result[i] = Vectors.Dot(Row(i), z);
    }

    /// <summary>A⁻¹, n × n, row-major, both halves.</summary>
    public double[] Inverse()
    {
        var (n, m) = (Size, new double[Size * Size]); // m = L⁻¹
        for (var i = 0; i < n; i++)
        {
            var row = m.AsSpan(i * n, i + 1);
            for (var k = 0; k < i; k++) Vectors.AddScaled(row[..(k + 1)], -_factor[i * n + k], m.AsSpan(k * n, k + 1));
            row[i] = 1;
            var pivot = 1 / _factor[i * n + i];
            for (var j = 0; j <= i; j++) row[j] *= pivot;
        }
        var inverse = new double[n * n];
        for (var k = 0; k < n; k++)
            for (var i = 0; i <= k; i++) Vectors.AddScaled(inverse.AsSpan(i * n, i + 1), m[k * n + i], m.AsSpan(k * n, i + 1));
        for (var i = 0; i < n; i++)
            for (var j = 0; j < i; j++) inverse[j * n + i] = inverse[i * n + j];
        return inverse;
    }
}

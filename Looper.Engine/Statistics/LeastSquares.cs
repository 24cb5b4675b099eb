namespace Looper.Core.Statistics;

/// <summary>Normal equations of a few covariates, with redundant ones left out.</summary>
public static class LeastSquares
{
    private const double Redundant = 1e-10;

    /// <summary>θ with Aθ = b for a symmetric positive semi-definite A.</summary>
    /// <param name="matrix">k × k, row-major; not written to.</param>
    /// <param name="right">b, length k.</param>
    /// <returns>One slope per column, 0 for a column that the others already say; null when no column varies.</returns>
    /// <remarks>Pivoted Cholesky on A scaled to unit diagonal (Higham 2002, Accuracy and Stability, section 10.3); a column whose
    /// remaining variance is below 1e−10 of its own is dropped. No ridge: it would bias θ. O(k³).</remarks>
    public static double[]? Solve(ReadOnlySpan<double> matrix, ReadOnlySpan<double> right)
    {
        var k = right.Length;
        var scale = new double[k];
        for (var i = 0; i < k; i++) scale[i] = matrix[i * k + i] > 0 ? Math.Sqrt(matrix[i * k + i]) : 0;
        var order = new List<int>(k);
        var rows = new double[k][]; // rows[i]: this column's entries of the factor, in pivot order
        var rest = new double[k];
        for (var i = 0; i < k; i++) (rows[i], rest[i]) = (new double[k], scale[i] > 0 ? 1 : 0);
        while (order.Count < k)
        {
            var pivot = -1;
            for (var i = 0; i < k; i++)
                if (!order.Contains(i) && rest[i] > Redundant && (pivot < 0 || rest[i] > rest[pivot])) pivot = i;
            if (pivot < 0) break;
            var step = order.Count;
            var root = Math.Sqrt(rest[pivot]);
            for (var i = 0; i < k; i++)
            {
                if (i == pivot || order.Contains(i) || scale[i] == 0) continue;
                var value = matrix[i * k + pivot] / (scale[i] * scale[pivot]);
                for (var j = 0; j < step; j++) value -= rows[i][j] * rows[pivot][j];
                rows[i][step] = value / root;
                rest[i] -= rows[i][step] * rows[i][step];
            }

            rows[pivot][step] = root;
            order.Add(pivot);
        }

        if (order.Count == 0) return null;
        return Substitute(rows, order, scale, right);
    }

    private static double[] Substitute(double[][] rows, List<int> order, double[] scale, ReadOnlySpan<double> right)
    {
        var solved = new double[order.Count];
        for (var i = 0; i < order.Count; i++)
        {
            var value = right[order[i]] / scale[order[i]];
            for (var j = 0; j < i; j++) value -= rows[order[i]][j] * solved[j];
            solved[i] = value / rows[order[i]][i];
        }

        var theta = new double[right.Length];
        for (var i = order.Count - 1; i >= 0; i--)
        {
            for (var j = i + 1; j < order.Count; j++) solved[i] -= rows[order[j]][i] * solved[j];
            solved[i] /= rows[order[i]][i];
        }

        for (var i = 0; i < order.Count; i++) theta[order[i]] = solved[i] / scale[order[i]];
        return theta;
    }
}

namespace Looper.Core.Causal;

/// <summary>Weights that are not negative and sum to 1.</summary>
internal static class ConvexWeights
{
    /// <summary>The weights α minimising Σ v_i(t_i − Σ_j α_j p_ij)².</summary>
    /// <param name="targets">t, one per row.</param>
    /// <param name="predictions">p[j][i] of predictor j for row i.</param>
    /// <param name="weights">v; null for 1.</param>
    /// <returns>One weight per predictor.</returns>
    /// <remarks>Mass moves between the pair that gains most, by exact line search, until none gains: the problem is convex, so this ends at
    /// its minimum. O(n·k²) for the Gram matrix.</remarks>
    public static double[] Of(ReadOnlySpan<double> targets, IReadOnlyList<double[]> predictions, double[]? weights = null)
    {
        var k = predictions.Count;
        var (gram, right, alpha) = (new double[k, k], new double[k], new double[k]);
        for (var i = 0; i < targets.Length; i++)
        {
            var v = weights?[i] ?? 1;
            if (v == 0) continue;
            for (var a = 0; a < k; a++)
            {
                right[a] += v * targets[i] * predictions[a][i];
                for (var b = 0; b <= a; b++) gram[a, b] += v * predictions[a][i] * predictions[b][i];
            }
        }
        for (var a = 0; a < k; a++) for (var b = 0; b < a; b++) gram[b, a] = gram[a, b];
        Array.Fill(alpha, 1.0 / k);
        for (var step = 0; step < 2_000; step++)
        {
            var (gain, from, to, size) = (0.0, -1, -1, 0.0);
            for (var a = 0; a < k; a++)
            {
                for (var b = 0; b < k; b++)
                {
                    if (a == b || alpha[a] <= 0) continue;
                    double slope = 0, curve = gram[a, a] + gram[b, b] - 2 * gram[a, b];
                    for (var c = 0; c < k; c++) slope += (gram[b, c] - gram[a, c]) * alpha[c];
                    slope -= right[b] - right[a];
                    if (slope >= 0) continue;
                    var move = Math.Min(alpha[a], curve > 0 ? -slope / curve : alpha[a]);
                    var won = -slope * move - 0.5 * curve * move * move;
                    if (won > gain) (gain, from, to, size) = (won, a, b, move);
                }
            }
            if (from < 0 || gain <= 1e-12 * Math.Abs(gram[0, 0])) break;
            alpha[from] -= size;
            alpha[to] += size;
        }
        return alpha;
    }
}

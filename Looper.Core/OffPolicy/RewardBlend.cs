using Looper.Core.Statistics;

namespace Looper.Core.OffPolicy;

/// <summary>The last step of a reward model, for one policy: what was predicted of an option is held against what came of it, with the policy's own
/// chance of the option as a second opinion.</summary>
/// <remarks><para>q̂(x, a) = β₀ + β₁·π_e(a|x) + β₂·q(x, a), β by weighted least squares of the rewards on rows of other folds. It is kept only where
/// its weighted error on unseen rows is below that of q alone. Any function of context and option leaves the doubly robust estimate unbiased; a
/// constant and the policy's chance make it vary no more than about what the self-normalised one does, however little the model learned.</para>
/// <para>Weights w² are those of the part of the doubly robust estimate's variance that q̂ can change, E[w²(r − q̂)²]: Cao, Tsiatis and Davidian 2009,
/// Biometrika 96:723; Farajtabar, Chow and Ghavamzadeh 2018, ICML. Redundant columns, such as the chances of a policy that prefers nothing, drop out.</para></remarks>
public static class RewardBlend
{
    private const int Columns = 3;

    /// <summary>Two numbers a row; O(rows·options), no array beyond them.</summary>
    /// <param name="predictions">q, one a row and option, row after row, each from a fit that has not seen the row's unit.</param>
    /// <param name="taken">Option of each row; −1 for one that is gone: nothing is learned from it.</param>
    /// <param name="policy">π_e, row after row; each row sums to 1 or nearly so.</param>
    /// <param name="options">How many options there are.</param>
    /// <param name="folds">Fold of each row, from 0; rows of one unit share one.</param>
    /// <param name="rewards">r.</param>
    /// <param name="weights">Of each row in the squared error, not negative.</param>
    /// <param name="range">Bounds of every possible reward: predictions are kept inside; null for none.</param>
    public static ModelledRewards Of(double[] predictions, int[] taken, double[] policy, int options, int[] folds, double[] rewards, double[] weights, (double Low, double High)? range)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(taken);
        var slopes = Slopes(predictions, taken, policy, options, folds, rewards, weights);
        double blended = 0, alone = 0;
        for (var i = 0; i < taken.Length; i++)
        {
            if (taken[i] < 0 || !(weights[i] > 0)) continue;
            var at = i * options + taken[i];
            var (with, without) = (rewards[i] - Kept(Blended(slopes[folds[i]], policy[at], predictions[at]), range), rewards[i] - Kept(predictions[at], range));
            (blended, alone) = (blended + weights[i] * with * with, alone + weights[i] * without * without);
        }
        var isKept = blended < alone;
        double[] predicted = new double[taken.Length], values = new double[taken.Length];
        for (var i = 0; i < taken.Length; i++)
        {
            var beta = slopes[folds[i]];
            double sum = 0, total = 0;
            for (var a = 0; a < options; a++)
            {
                var at = i * options + a;
                if (policy[at] == 0 && a != taken[i]) continue;
                var q = Kept(isKept ? Blended(beta, policy[at], predictions[at]) : predictions[at], range);
                if (a == taken[i]) predicted[i] = q;
                (sum, total) = (sum + policy[at] * q, total + policy[at]);
            }
            values[i] = total > 0 ? sum / total : 0;
        }
        return new(predicted, values);
    }

    private static double Blended(double[] beta, double chance, double prediction) => beta[0] + beta[1] * chance + beta[2] * prediction;

    private static double Kept(double q, (double Low, double High)? range) => range is var (low, high) ? Math.Clamp(q, low, high) : q;

    /// <summary>β of each fold, from the rows of all others.</summary>
    private static double[][] Slopes(double[] predictions, int[] taken, double[] policy, int options, int[] folds, double[] rewards, double[] weights)
    {
        var count = folds.Length == 0 ? 0 : folds.Max() + 1;
        var (matrix, right) = (new double[count, Columns * Columns], new double[count, Columns]);
        Span<double> row = stackalloc double[Columns];
        for (var i = 0; i < taken.Length; i++)
        {
            if (taken[i] < 0 || !(weights[i] > 0)) continue;
            var at = i * options + taken[i];
            (row[0], row[1], row[2]) = (1, policy[at], predictions[at]);
            for (var j = 0; j < Columns; j++)
            {
                var weighted = weights[i] * row[j];
                for (var k = 0; k < Columns; k++) matrix[folds[i], j * Columns + k] += weighted * row[k];
                right[folds[i], j] += weighted * rewards[i];
            }
        }
        double[] Without(double[,] sums, int fold, int width) =>
            [.. Enumerable.Range(0, width).Select(j => Enumerable.Range(0, count).Where(f => f != fold).Sum(f => sums[f, j]))];
        return [.. Enumerable.Range(0, count).Select(f => LeastSquares.Solve(Without(matrix, f, Columns * Columns), Without(right, f, Columns)) ?? [0, 0, 1])];
    }
}

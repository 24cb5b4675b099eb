using Looper.Core.Statistics;

namespace Looper.Core.Causal;

/// <summary>One point of the curve of what is gained by treating those first whose predicted effect is greatest.</summary>
/// <param name="Share">Share of all units that is treated.</param>
/// <param name="Least">Least predicted effect among them; NaN where nobody is.</param>
/// <param name="Gain">Gain over treating nobody, per unit of the whole: the sum of the doubly robust scores of the treated over all units.</param>
/// <param name="Interval">Pointwise.</param>
public readonly record struct GainPoint(double Share, double Least, double Gain, Interval Interval)
{
    /// <summary>Points from nobody to everybody.</summary>
    /// <param name="predicted">τ̂, by models that have not seen the unit.</param>
    /// <param name="scores">Γ.</param>
    /// <param name="points">Points besides the first.</param>
    /// <param name="level">Confidence level in (0, 1).</param>
    /// <remarks>With w the treated's indicator, the gain is the mean of w·Γ and its standard error sd(w·Γ)/√n, the ranking held fixed.</remarks>
    public static GainPoint[] Of(ReadOnlySpan<double> predicted, ReadOnlySpan<double> scores, int points, double level)
    {
        var (order, n) = (Uplift.Descending(predicted), scores.Length);
        var curve = new GainPoint[points + 1];
        curve[0] = new(0, double.NaN, 0, new(0, 0));
        double sum = 0, squares = 0;
        var (at, z) = (0, TailProbability.NormalQuantile((1 + level) / 2));
        for (var k = 1; k <= points; k++)
        {
            for (var until = (int)((long)k * n / points); at < until; at++)
            {
                var score = scores[order[at]];
                (sum, squares) = (sum + score, squares + score * score);
            }
            var mean = sum / n;
            var half = z * Math.Sqrt(Math.Max(0, squares / n - mean * mean) / n);
            curve[k] = new((double)at / n, at > 0 ? predicted[order[at - 1]] : double.NaN, mean, new(mean - half, mean + half));
        }
        return curve;
    }
}

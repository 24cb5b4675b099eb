using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Causal;

/// <summary>Rank-weighted average effect (RATE): whether those ranked first gain more.</summary>
/// <param name="Autoc">Mean over i of TOC(i/n), the mean score of the first i units less the mean of all: weighs the top most.</param>
/// <param name="StandardError">Of Autoc.</param>
/// <param name="QiniWeighted">Mean over i of (i/n)·TOC(i/n): weighs all shares alike.</param>
/// <param name="QiniStandardError">Of QiniWeighted.</param>
/// <remarks>Yadlowsky, Fleming, Shah, Brunskill and Wager 2024, JASA; ties share their mean score; standard errors over half-samples drawn
/// without replacement. The ranking must not have seen the scores' outcomes. One that ranks nobody is worth 0, with an error of 0 and no p-value.</remarks>
public readonly record struct RankedEffect(double Autoc, double StandardError, double QiniWeighted, double QiniStandardError)
{
    /// <summary>One-sided p-value of "the ranking finds those who gain more"; NaN when undefined.</summary>
    public double P => StandardError > 0 ? TailProbability.Normal(Autoc / StandardError) : double.NaN;

    /// <summary>Estimates and their standard errors.</summary>
    /// <param name="ranking">Higher is treated first.</param>
    /// <param name="scores">Doubly robust scores Γ.</param>
    /// <param name="seed">Fixes the half-samples.</param>
    /// <param name="replicates">Half-samples.</param>
    public static RankedEffect Of(ReadOnlySpan<double> ranking, ReadOnlySpan<double> scores, long seed, int replicates = 200)
    {
        var n = scores.Length;
        if (n < 4) return new(double.NaN, double.NaN, double.NaN, double.NaN);
        var order = Uplift.Descending(ranking);
        double[] sorted = new double[n], gamma = new double[n];
        for (var k = 0; k < n; k++) (sorted[k], gamma[k]) = (ranking[order[k]], scores[order[k]]);
        if (sorted[0] == sorted[^1]) return new(0, 0, 0, 0); // summed, it would be a rounding error over another
        var whole = Figures(sorted, gamma, n);
        Moments autoc = Moments.Empty, qini = Moments.Empty;
        var (halfRank, halfGamma) = (new double[n], new double[n]);
        for (var r = 0; r < replicates; r++)
        {
            // exactly half of the units, in ranking order (selection sampling)
            var random = new Philox(seed, "rate", r);
            var (need, at) = (n / 2, 0);
            for (var k = 0; k < n && need > 0; k++)
            {
                if (random.Below(n - k) >= need) continue;
                (halfRank[at], halfGamma[at]) = (sorted[k], gamma[k]);
                (at, need) = (at + 1, need - 1);
            }
            var (a, q) = Figures(halfRank, halfGamma, at);
            (autoc, qini) = (autoc.With(a), qini.With(q));
        }
        return new(whole.Autoc, Math.Sqrt(autoc.Variance), whole.Qini, Math.Sqrt(qini.Variance));
    }

    private static (double Autoc, double Qini) Figures(double[] sorted, double[] gamma, int n)
    {
        var mean = 0.0;
        for (var k = 0; k < n; k++) mean += gamma[k] / n;
        double autoc = 0, qini = 0, sum = 0;
        for (int from = 0, to; from < n; from = to)
        {
            var group = 0.0;
            for (to = from; to < n && sorted[to] == sorted[from]; to++) group += gamma[to];
            var share = group / (to - from);
            for (var k = from; k < to; k++)
            {
                sum += share;
                var toc = sum / (k + 1) - mean;
                (autoc, qini) = (autoc + toc / n, qini + toc * (k + 1) / n / n);
            }
        }
        return (autoc, qini);
    }
}

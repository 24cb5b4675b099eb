using Looper.Core.Numerics;

namespace Looper.Core.Learning;

/// <summary>Single numbers of quality. All are NaN where undefined.</summary>
public static class Metrics
{
    /// <summary>Chance that a random 1 is ranked above a random 0, ties counting half, with the variance of the estimate.</summary>
    /// <param name="labels">0 or 1 per row.</param>
    /// <param name="scores">Any order-preserving score per row.</param>
    /// <returns>Area and DeLong's variance; NaN with one class only.</returns>
    /// <remarks>Mid-ranks: DeLong, DeLong &amp; Clarke-Pearson 1988 by the algorithm of Sun &amp; Xu 2014, O(n log n).</remarks>
    public static (double Area, double Variance) Auc(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores)
    {
        var (v10, v01) = Placements(labels, scores);
        if (v10.Length == 0 || v01.Length == 0) return (double.NaN, double.NaN);
        var area = v10.Sum() / v10.Length;
        return (area, Variance(v10, area) / v10.Length + Variance(v01, area) / v01.Length);
    }

    /// <summary>The same where rows of one unit are not independent.</summary>
    /// <param name="labels">0 or 1 per row.</param>
    /// <param name="scores">Any order-preserving score per row.</param>
    /// <param name="units">The row's unit.</param>
    /// <returns>Area, and its variance over independent units; NaN with one class only, or where one class has a single unit.</returns>
    /// <remarks>Obuchowski 1997, Biometrics 53:567: DeLong's components summed by unit, and the units' ones and zeros together. With one row a unit it is
    /// DeLong's variance.</remarks>
    public static (double Area, double Variance) Auc(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, ReadOnlySpan<ulong> units)
    {
        var (v10, v01) = Placements(labels, scores);
        if (v10.Length == 0 || v01.Length == 0) return (double.NaN, double.NaN);
        var area = v10.Sum() / v10.Length;
        var sums = new Dictionary<ulong, (double Ones, double Zeros, bool HasOne, bool HasZero)>();
        for (int i = 0, one = 0, zero = 0; i < labels.Length; i++)
        {
            var sum = sums.GetValueOrDefault(units[i]);
            sums[units[i]] = labels[i] > 0.5
                ? sum with { Ones = sum.Ones + v10[one++] - area, HasOne = true }
                : sum with { Zeros = sum.Zeros + v01[zero++] - area, HasZero = true };
        }
        double m = v10.Length, n = v01.Length, withOne = 0, withZero = 0, s10 = 0, s01 = 0, s11 = 0;
        foreach (var (ones, zeros, hasOne, hasZero) in sums.Values)
        {
            (s10, s01, s11) = (s10 + ones * ones, s01 + zeros * zeros, s11 + ones * zeros);
            (withOne, withZero) = (withOne + (hasOne ? 1 : 0), withZero + (hasZero ? 1 : 0));
        }
        if (withOne < 2 || withZero < 2) return (area, double.NaN);
        return (area, withOne / (withOne - 1) * s10 / (m * m) + withZero / (withZero - 1) * s01 / (n * n) + 2.0 * sums.Count / (sums.Count - 1) * s11 / (m * n));
    }

    /// <summary>Per one, the share of the zeros below it; per zero, the share of the ones above it; in the order of the rows.</summary>
    private static (double[] Ones, double[] Zeros) Placements(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores)
    {
        var (ones, zeros) = (new List<double>(), new List<double>());
        for (var i = 0; i < labels.Length; i++) (labels[i] > 0.5 ? ones : zeros).Add(scores[i]);
        var all = MidRanks([.. ones, .. zeros]);
        var (among1, among0) = (MidRanks([.. ones]), MidRanks([.. zeros]));
        var (v10, v01) = (new double[ones.Count], new double[zeros.Count]);
        for (var i = 0; i < v10.Length; i++) v10[i] = (all[i] - among1[i]) / v01.Length;
        for (var j = 0; j < v01.Length; j++) v01[j] = 1 - (all[v10.Length + j] - among0[j]) / v10.Length;
        return (v10, v01);
    }

    /// <summary>Average precision: Σ (R_k − R_{k−1})·P_k over descending scores, tied scores taken together.</summary>
    /// <param name="labels">0 or 1 per row.</param>
    /// <param name="scores">Higher means more likely 1.</param>
    public static double AveragePrecision(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores)
    {
        var (keys, y) = (scores.ToArray(), labels.ToArray());
        Array.Sort(keys, y);
        double ones = 0, sum = 0, seen = 0;
        foreach (var label in y) ones += label;
        if (ones == 0) return double.NaN;
        for (var i = y.Length - 1; i >= 0;)
        {
            var (score, hits) = (keys[i], 0.0);
            for (; i >= 0 && keys[i] == score; i--) hits += y[i];
            seen += hits;
            sum += hits / ones * (seen / (y.Length - 1 - i));
        }
        return sum;
    }

    /// <summary>Negative log likelihood of one 0/1 outcome; the probability is clipped at 1e−15.</summary>
    /// <param name="label">0 or 1.</param>
    /// <param name="probability">Of 1.</param>
    public static double LogLoss(double label, double probability)
    {
        var p = Math.Clamp(probability, 1e-15, 1 - 1e-15);
        return -(label * Elementary.Log(p) + (1 - label) * Elementary.Log(1 - p));
    }

    /// <summary>Mean pinball loss of a quantile.</summary>
    /// <param name="labels">Per row.</param>
    /// <param name="predictions">Per row.</param>
    /// <param name="tau">Level of the quantile.</param>
    public static double Pinball(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions, double tau)
    {
        var sum = 0.0;
        for (var i = 0; i < labels.Length; i++)
        {
            var residual = labels[i] - predictions[i];
            sum += residual >= 0 ? tau * residual : (tau - 1) * residual;
        }
        return labels.Length == 0 ? double.NaN : sum / labels.Length;
    }

    /// <summary>Mean Poisson deviance, 2·(y ln(y/μ) − y + μ).</summary>
    /// <param name="labels">Counts per row.</param>
    /// <param name="predictions">Means per row, above 0.</param>
    public static double PoissonDeviance(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        var sum = 0.0;
        for (var i = 0; i < labels.Length; i++)
        {
            var (y, mu) = (labels[i], Math.Max(predictions[i], 1e-12));
            sum += 2 * ((y > 0 ? y * Elementary.Log(y / mu) : 0) - y + mu);
        }
        return labels.Length == 0 ? double.NaN : sum / labels.Length;
    }

    /// <summary>Ranks from 1; equal values share the mean of theirs.</summary>
    /// <param name="values">Any numbers but NaN.</param>
    public static double[] MidRanks(ReadOnlySpan<double> values)
    {
        var (keys, order) = (values.ToArray(), new int[values.Length]);
        for (var i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(keys, order);
        var ranks = new double[keys.Length];
        for (int i = 0, j; i < keys.Length; i = j)
        {
            for (j = i; j < keys.Length && keys[j] == keys[i]; j++) { }
            for (var k = i; k < j; k++) ranks[order[k]] = 0.5 * (i + j - 1) + 1;
        }
        return ranks;
    }

    private static double Variance(double[] x, double mean)
    {
        if (x.Length < 2) return double.NaN;
        var sum = 0.0;
        foreach (var v in x) sum += (v - mean) * (v - mean);
        return sum / (x.Length - 1);
    }
}

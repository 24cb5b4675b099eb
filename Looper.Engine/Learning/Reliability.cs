using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Learning;

/// <summary>One bin of a reliability diagram.</summary>
/// <param name="Rows">Rows in the bin.</param>
/// <param name="Predicted">Their mean prediction.</param>
/// <param name="Seen">Their mean outcome.</param>
/// <param name="Low">Lower end of the 95 % interval of <paramref name="Seen"/> (Wilson).</param>
/// <param name="High">Upper end.</param>
public sealed record ReliabilityBin(int Rows, double Predicted, double Seen, double Low, double High);

/// <summary>Predicted against seen rates, over bins of equal mass.</summary>
/// <param name="Bins">From the lowest predictions to the highest.</param>
/// <param name="Error">Σ n_b/n·|predicted − seen|, the plain expected calibration error; biased upwards on few rows.</param>
/// <param name="DebiasedError">√max(0, Σ n_b/n·[(predicted − seen)² − V_b]), V_b the variance of seen: seen(1 − seen)/(n_b − 1) where each row is a unit by itself
/// (Kumar, Liang &amp; Ma 2019), else that of a mean of unit sums, G/(G − 1)·Σ_g (Σ_{i∈g} (y_i − seen))²/n_b² (Cameron &amp; Miller 2015, eq. 6), which is the same there.</param>
public sealed record Reliability(ImmutableArray<ReliabilityBin> Bins, double Error, double DebiasedError)
{
    private const int Replicates = 500;

    /// <summary>Compares probabilities with 0/1 outcomes.</summary>
    /// <param name="labels">0 or 1 per row.</param>
    /// <param name="predictions">Probability of 1 per row.</param>
    /// <param name="bins">Bins wanted; fewer where there are fewer rows. Rows with equal predictions stay together.</param>
    /// <param name="units">The row's unit; empty where each row is one by itself.</param>
    public static Reliability Of(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions, int bins = 15, ReadOnlySpan<ulong> units = default)
    {
        var (p, order) = (predictions.ToArray(), Enumerable.Range(0, predictions.Length).ToArray());
        Array.Sort(p, order);
        var (sums, unitOf) = (new UnitSums(p.Length), units.IsEmpty ? [.. Enumerable.Range(0, p.Length)] : Numbered(units));
        var found = ImmutableArray.CreateBuilder<ReliabilityBin>();
        double error = 0, squared = 0;
        for (int from = 0, b = 1; from < p.Length; b++)
        {
            var to = Math.Max(from + 1, (int)((long)p.Length * b / bins));
            while (to < p.Length && p[to] == p[to - 1]) to++;
            var (n, ones) = (to - from, 0.0);
            for (var i = from; i < to; i++)
            {
                ones += labels[order[i]];
                sums.Add(unitOf[order[i]], labels[order[i]]);
            }
            double predicted = p.AsSpan(from, n).ToArray().Average(), seen = ones / n;
            var share = Spread.OfShare(ones, n);
            found.Add(new(n, predicted, seen, share.Low, share.High));
            error += (double)n / p.Length * Math.Abs(predicted - seen);
            var variance = sums.TakeVariance(seen, n, null);
            if (!double.IsNaN(variance)) squared += (double)n / p.Length * ((predicted - seen) * (predicted - seen) - variance);
            from = to;
        }
        return p.Length == 0 ? new([], double.NaN, double.NaN) : new(found.ToImmutable(), error, Math.Sqrt(Math.Max(0, squared)));
    }

    /// <summary>The debiased error with a 95 % percentile interval over 500 resamples of units.</summary>
    /// <param name="labels">0 or 1 per row.</param>
    /// <param name="predictions">Probability of 1 per row.</param>
    /// <param name="units">Unit of every row; rows of one unit are drawn together.</param>
    /// <param name="seed">Fixes the resampling.</param>
    /// <param name="bins">As for <see cref="Of"/>.</param>
    /// <returns>The error of all rows and the interval; NaN ends below two units.</returns>
    /// <remarks>A resample's gap holds the chance of the rows and that of the resampling, so twice the variance is taken off there.</remarks>
    public static Spread DebiasedInterval(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions, ReadOnlySpan<ulong> units, long seed, int bins = 15)
    {
        var error = Of(labels, predictions, bins, units).DebiasedError;
        var unitOf = Numbered(units);
        var count = unitOf.Length == 0 ? 0 : unitOf.Max() + 1;
        if (count < 2) return new(error, double.NaN, double.NaN);
        var (p, order) = (predictions.ToArray(), Enumerable.Range(0, predictions.Length).ToArray());
        Array.Sort(p, order);
        var y = new double[p.Length];
        for (var i = 0; i < y.Length; i++) (y[i], order[i]) = (labels[order[i]], unitOf[order[i]]);
        var (errors, times, sums) = (new double[Replicates], new int[count], new UnitSums(count));
        for (var replicate = 0; replicate < Replicates; replicate++)
        {
            var random = new Philox(seed, "reliability", replicate);
            Array.Clear(times);
            for (var draw = 0; draw < times.Length; draw++) times[random.Below(times.Length)]++;
            errors[replicate] = ErrorOfDrawn(p, y, order, times, sums, bins, chances: 2);
        }
        Array.Sort(errors);
        return new(error, errors[(int)(0.025 * Replicates)], errors[(int)(0.975 * Replicates)]);
    }

    /// <summary>What <see cref="Of"/> says of the rows repeated as often as their unit was drawn, without sorting them again.</summary>
    /// <param name="sums">Empty before and after, to be used again.</param>
    /// <param name="chances">How often the variance of what was seen is in a gap.</param>
    internal static double ErrorOfDrawn(double[] sorted, double[] labels, int[] unitOf, int[] times, UnitSums sums, int bins, int chances = 1)
    {
        long rows = 0, seen = 0, from = 0;
        for (var i = 0; i < sorted.Length; i++) rows += times[unitOf[i]];
        double squared = 0, predicted = 0, positive = 0;
        for (int i = 0, bin = 1; i < sorted.Length; i++)
        {
            var count = times[unitOf[i]];
            (seen, predicted, positive) = (seen + count, predicted + count * sorted[i], positive + count * labels[i]);
            if (count > 0) sums.Add(unitOf[i], labels[i]);
            if (i + 1 < sorted.Length && (sorted[i + 1] == sorted[i] || seen < Math.Max(from + 1, rows * bin / bins))) continue;
            var n = (double)(seen - from);
            var (gap, rate) = ((predicted - positive) / n, positive / n);
            var variance = sums.TakeVariance(rate, n, times);
            if (!double.IsNaN(variance)) squared += n / rows * (gap * gap - chances * variance);
            (from, predicted, positive) = (seen, 0, 0);
            bin++;
        }
        return Math.Sqrt(Math.Max(0, squared));
    }

    private static int[] Numbered(ReadOnlySpan<ulong> units)
    {
        var (numbers, of) = (new Dictionary<ulong, int>(), new int[units.Length]);
        for (var row = 0; row < units.Length; row++)
        {
            if (!numbers.TryGetValue(units[row], out of[row])) numbers.Add(units[row], of[row] = numbers.Count);
        }
        return of;
    }

    /// <summary>Standard normal when the probabilities are right: Σ(y − p)(1 − 2p) / √V, V = Σ(1 − 2p)²p(1 − p).</summary>
    /// <param name="labels">0 or 1 per row.</param>
    /// <param name="predictions">Probability of 1 per row.</param>
    /// <param name="units">The row's unit, whose products of two of its rows are added to V where together they are positive; empty where each row is one by itself.</param>
    /// <returns>NaN where every probability is a half.</returns>
    /// <remarks>Spiegelhalter 1986, Statistics in Medicine 5:421; with units the variance of a sum of unit sums.</remarks>
    public static double SpiegelhalterZ(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions, ReadOnlySpan<ulong> units = default)
    {
        double sum = 0, variance = 0, squares = 0;
        var byUnit = new Dictionary<ulong, double>();
        for (var i = 0; i < labels.Length; i++)
        {
            var (p, tilt) = (predictions[i], 1 - 2 * predictions[i]);
            var term = (labels[i] - p) * tilt;
            (sum, variance, squares) = (sum + term, variance + tilt * tilt * p * (1 - p), squares + term * term);
            if (!units.IsEmpty) byUnit[units[i]] = byUnit.GetValueOrDefault(units[i]) + term;
        }
        if (!units.IsEmpty) variance += Math.Max(0, byUnit.Values.Sum(s => s * s) - squares);
        return variance > 0 ? sum / Math.Sqrt(variance) : double.NaN;
    }
}

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
/// <param name="DebiasedError">√max(0, Σ n_b/n·[(predicted − seen)² − seen(1 − seen)/(n_b − 1)]) (Kumar, Liang &amp; Ma 2019).</param>
public sealed record Reliability(ImmutableArray<ReliabilityBin> Bins, double Error, double DebiasedError)
{
    private const int Replicates = 500;

    /// <summary>Compares probabilities with 0/1 outcomes.</summary>
    /// <param name="labels">0 or 1 per row.</param>
    /// <param name="predictions">Probability of 1 per row.</param>
    /// <param name="bins">Bins wanted; fewer where there are fewer rows. Rows with equal predictions stay together.</param>
    public static Reliability Of(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions, int bins = 15)
    {
        var (p, y) = (predictions.ToArray(), labels.ToArray());
        Array.Sort(p, y);
        var found = ImmutableArray.CreateBuilder<ReliabilityBin>();
        double error = 0, squared = 0;
        for (int from = 0, b = 1; from < p.Length; b++)
        {
            var to = Math.Max(from + 1, (int)((long)p.Length * b / bins));
            while (to < p.Length && p[to] == p[to - 1]) to++;
            var n = to - from;
            double predicted = p.AsSpan(from, n).ToArray().Average(), seen = y.AsSpan(from, n).ToArray().Average();
            var share = Spread.OfShare(seen * n, n);
            found.Add(new(n, predicted, seen, share.Low, share.High));
            error += (double)n / p.Length * Math.Abs(predicted - seen);
            if (n > 1) squared += (double)n / p.Length * ((predicted - seen) * (predicted - seen) - seen * (1 - seen) / (n - 1));
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
    public static Spread DebiasedInterval(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions, ReadOnlySpan<int> units, long seed, int bins = 15)
    {
        var error = Of(labels, predictions, bins).DebiasedError;
        var unit = new Dictionary<int, int>();
        var unitOf = new int[units.Length];
        for (var row = 0; row < units.Length; row++)
        {
            if (!unit.TryGetValue(units[row], out unitOf[row])) unit.Add(units[row], unitOf[row] = unit.Count);
        }
        if (unit.Count < 2) return new(error, double.NaN, double.NaN);
        var (p, order) = (predictions.ToArray(), Enumerable.Range(0, predictions.Length).ToArray());
        Array.Sort(p, order);
        var y = new double[p.Length];
        for (var i = 0; i < y.Length; i++) (y[i], order[i]) = (labels[order[i]], unitOf[order[i]]);
        var (errors, times) = (new double[Replicates], new int[unit.Count]);
        for (var replicate = 0; replicate < Replicates; replicate++)
        {
            var random = new Philox(seed, "reliability", replicate);
            Array.Clear(times);
            for (var draw = 0; draw < times.Length; draw++) times[random.Below(times.Length)]++;
            errors[replicate] = ErrorOfDrawn(p, y, order, times, bins);
        }
        Array.Sort(errors);
        return new(error, errors[(int)(0.025 * Replicates)], errors[(int)(0.975 * Replicates)]);
    }

    /// <summary>What <see cref="Of"/> says of the rows repeated as often as their unit was drawn, without sorting them again.</summary>
    internal static double ErrorOfDrawn(double[] sorted, double[] labels, int[] unitOf, int[] times, int bins)
    {
        long rows = 0, seen = 0, from = 0;
        for (var i = 0; i < sorted.Length; i++) rows += times[unitOf[i]];
        double squared = 0, predicted = 0, positive = 0;
        for (int i = 0, bin = 1; i < sorted.Length; i++)
        {
            var count = times[unitOf[i]];
            (seen, predicted, positive) = (seen + count, predicted + count * sorted[i], positive + count * labels[i]);
            if (i + 1 < sorted.Length && (sorted[i + 1] == sorted[i] || seen < Math.Max(from + 1, rows * bin / bins))) continue;
            var n = (double)(seen - from);
            var (gap, rate) = ((predicted - positive) / n, positive / n);
            if (n > 1) squared += n / rows * (gap * gap - rate * (1 - rate) / (n - 1));
            (from, predicted, positive) = (seen, 0, 0);
            bin++;
        }
        return Math.Sqrt(Math.Max(0, squared));
    }

    /// <summary>Standard normal when the probabilities are right: Σ(y − p)(1 − 2p) / √Σ(1 − 2p)²p(1 − p).</summary>
    /// <param name="labels">0 or 1 per row.</param>
    /// <param name="predictions">Probability of 1 per row.</param>
    /// <returns>NaN where every probability is a half.</returns>
    /// <remarks>Spiegelhalter 1986.</remarks>
    public static double SpiegelhalterZ(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        double sum = 0, variance = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var (p, tilt) = (predictions[i], 1 - 2 * predictions[i]);
            (sum, variance) = (sum + (labels[i] - p) * tilt, variance + tilt * tilt * p * (1 - p));
        }
        return variance > 0 ? sum / Math.Sqrt(variance) : double.NaN;
    }
}

using System.Collections.Immutable;

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
    private const double Z = 1.959963984540054;

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
            var (low, high) = Wilson(seen, n);
            found.Add(new(n, predicted, seen, low, high));
            error += (double)n / p.Length * Math.Abs(predicted - seen);
            if (n > 1) squared += (double)n / p.Length * ((predicted - seen) * (predicted - seen) - seen * (1 - seen) / (n - 1));
            from = to;
        }
        return p.Length == 0 ? new([], double.NaN, double.NaN) : new(found.ToImmutable(), error, Math.Sqrt(Math.Max(0, squared)));
    }

    private static (double Low, double High) Wilson(double rate, int n)
    {
        double z2 = Z * Z / n, centre = (rate + z2 / 2) / (1 + z2), half = Z / (1 + z2) * Math.Sqrt(rate * (1 - rate) / n + z2 / (4 * n));
        return (centre - half, centre + half);
    }
}

namespace Looper.Core.Optimization;

/// <summary>What a front of minimised objectives leaves to gain below a reference point, cut into disjoint boxes.</summary>
/// <remarks>Two objectives: strips between neighbours of the sorted front. Three: such strips in each slab between neighbours of the third.
/// The expected growth of the dominated volume is Σ_boxes Π_j [g_j(u_j) − g_j(l_j)], g_j(a) = E(a − Y_j)⁺ (Daulton, Balandat &amp; Bakshy
/// 2020, for independent responses; exact). Lower ends of −∞ contribute g = 0.</remarks>
internal sealed class Boxes
{
    private readonly double[] _low, _high; // boxes × objectives
    private readonly int _m;

    private Boxes(List<double[]> low, List<double[]> high, int m) => (_low, _high, _m) = ([.. low.SelectMany(b => b)], [.. high.SelectMany(b => b)], m);

    public int Count => _low.Length / _m;

    /// <param name="points">Any points; dominated ones and those outside the reference are left out.</param>
    public static Boxes Above(double[][] points, double[] reference)
    {
        List<double[]> low = [], high = [];
        var front = ParetoFront.Of([.. points.Where(p => !p.Where((v, j) => v >= reference[j]).Any())]).Select(i => i).ToArray();
        if (reference.Length == 2) Strips(front, reference, (l, h) => (low, high) = (Add(low, l), Add(high, h)));
        else
        {
            var levels = front.Select(p => p[2]).Distinct().Order().ToArray();
            for (var k = 0; k <= levels.Length; k++)
            {
                var (from, to) = (k == 0 ? double.NegativeInfinity : levels[k - 1], k == levels.Length ? reference[2] : levels[k]);
                var below = ParetoFront.Of([.. front.Where(p => p[2] <= from).Select(p => p[..2])]);
                Strips(below, reference[..2], (l, h) => (low, high) = (Add(low, [.. l, from]), Add(high, [.. h, to])));
            }
        }
        return new(low, high, reference.Length);
    }

    /// <summary>ln of the expected growth, with derivatives by each mean and deviation.</summary>
    public double LogGain(ReadOnlySpan<double> mu, ReadOnlySpan<double> deviation, Span<double> byMu, Span<double> byDeviation)
    {
        var boxes = Count;
        Span<double> terms = boxes <= 256 ? stackalloc double[boxes] : new double[boxes];
        Span<double> parts = boxes * _m * 3 <= 1536 ? stackalloc double[boxes * _m * 3] : new double[boxes * _m * 3]; // derivatives of each factor's log
        for (var b = 0; b < boxes; b++)
            for (var j = 0; j < _m; j++)
            {
                var at = b * _m + j;
                terms[b] = (j == 0 ? 0 : terms[b]) + LogSlice(_low[at], _high[at], mu[j], deviation[j], out parts[3 * at], out parts[3 * at + 1]);
            }
        var total = NormalLogs.LogSumExp(terms);
        byMu[.._m].Clear();
        byDeviation[.._m].Clear();
        if (double.IsInfinity(total)) return total;
        for (var b = 0; b < boxes; b++)
        {
            var share = Math.Exp(terms[b] - total);
            for (var j = 0; j < _m; j++)
            {
                byMu[j] += share * parts[3 * (b * _m + j)];
                byDeviation[j] += share * parts[3 * (b * _m + j) + 1];
            }
        }
        return total;
    }

    // ln[g(high) − g(low)] with derivatives by μ and σ: ∂g/∂μ = −Φ, ∂g/∂σ = φ
    private static double LogSlice(double low, double high, double mu, double deviation, out double byMu, out double byDeviation)
    {
        double zh = (high - mu) / deviation, zl = (low - mu) / deviation;
        var upper = NormalLogs.LogImprovement(zh);
        double log, lower = double.NegativeInfinity;
        if (double.IsNegativeInfinity(zl)) log = upper;
        else
        {
            lower = NormalLogs.LogImprovement(zl);
            log = upper + NormalLogs.LogOneMinusExp(Math.Min(lower - upper, -1e-15));
        }
        var (ch, dh) = (Math.Exp(NormalLogs.LogCumulative(zh) - log), Math.Exp(NormalLogs.LogDensity(zh) - log));
        var (cl, dl) = double.IsNegativeInfinity(zl) ? (0, 0) : (Math.Exp(NormalLogs.LogCumulative(zl) - log), Math.Exp(NormalLogs.LogDensity(zl) - log));
        byMu = -(ch - cl) / deviation;
        byDeviation = (dh - dl) / deviation;
        return log + Math.Log(deviation);
    }

    private static void Strips(double[][] front, double[] reference, Action<double[], double[]> add)
    {
        var sorted = front.OrderBy(p => p[0]).ToArray();
        for (var k = 0; k <= sorted.Length; k++)
        {
            var left = k == 0 ? double.NegativeInfinity : sorted[k - 1][0];
            var right = k == sorted.Length ? reference[0] : sorted[k][0];
            var top = k == 0 ? reference[1] : sorted[k - 1][1];
            if (right > left) add([left, double.NegativeInfinity], [right, top]);
        }
    }

    private static List<double[]> Add(List<double[]> list, double[] item)
    {
        list.Add(item);
        return list;
    }
}

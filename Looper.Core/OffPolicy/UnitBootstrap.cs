using Looper.Core.Numerics;

namespace Looper.Core.OffPolicy;

/// <summary>Values of several estimates on units drawn again, all from the same draws so that differences keep what they share.</summary>
/// <remarks>Each unit counts Poisson(1) times (Hanley and MacGibbon 2006, Stata J. 6), in one pass a replicate. Beyond
/// <see cref="MostGroups"/> units, units are drawn in random groups: sums over groups have the variance of sums over units.</remarks>
internal static class UnitBootstrap
{
    public const int MostGroups = 10_000;

    private static readonly uint[] s_poisson = Thresholds();

    /// <returns>values[estimate][replicate]; a replicate without weight is NaN.</returns>
    public static double[][] Draw(IReadOnlyList<UnitSums> estimates, double[] rowsOf, EstimatePlan plan)
    {
        var groups = Math.Min(rowsOf.Length, MostGroups);
        var width = 1 + 3 * estimates.Count;
        var sums = new double[groups * width];
        for (var u = 0; u < rowsOf.Length; u++)
        {
            var into = sums.AsSpan(u % groups * width, width);
            into[0] += rowsOf[u];
            for (var e = 0; e < estimates.Count; e++)
            {
                var (mean, upper, lower) = estimates[e];
                if (mean.Length > 0) into[1 + 3 * e] += mean[u];
                if (upper.Length == 0) continue;
                into[2 + 3 * e] += upper[u];
                into[3 + 3 * e] += lower[u];
            }
        }
        double[][] values = [.. estimates.Select(_ => new double[plan.Replicates])];
        var total = new double[width];
        for (var replicate = 0; replicate < plan.Replicates; replicate++)
        {
            var random = new Philox(plan.Seed, "off-policy-bootstrap", replicate);
            Array.Clear(total);
            for (var g = 0; g < groups; g++)
            {
                var times = Poisson(random.NextUInt32());
                if (times == 0) continue;
                var from = sums.AsSpan(g * width, width);
                for (var j = 0; j < from.Length; j++) total[j] += times * from[j];
            }
            for (var e = 0; e < estimates.Count; e++)
                values[e][replicate] = total[1 + 3 * e] / total[0] + (estimates[e].Upper.Length == 0 ? 0 : total[2 + 3 * e] / total[3 + 3 * e]);
        }
        return values;
    }

    /// <summary>Ends of the middle part of the values; undefined when one of them is.</summary>
    public static (double Low, double High) Percentiles(IEnumerable<double> values, double level)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length < 2 || sorted.Any(v => !double.IsFinite(v))) return (double.NaN, double.NaN);
        double At(double p)
        {
            var place = p * (sorted.Length - 1);
            var below = (int)place;
            return sorted[below] + (place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]);
        }
        return (At((1 - level) / 2), At((1 + level) / 2));
    }

    private static int Poisson(uint word)
    {
        var k = 0;
        while (k < s_poisson.Length && word >= s_poisson[k]) k++;
        return k;
    }

    private static uint[] Thresholds()
    {
        var thresholds = new uint[12];
        double p = Math.Exp(-1), cumulative = 0;
        for (var k = 0; k < thresholds.Length; k++)
        {
            cumulative += p;
            p /= k + 1;
            thresholds[k] = (uint)Math.Min(uint.MaxValue, cumulative * 4294967296.0);
        }
        return thresholds;
    }
}

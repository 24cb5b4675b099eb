using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Optimization;

/// <summary>How much of a response's variation over the whole space each parameter brings.</summary>
/// <param name="First">Alone, in [0, 1].</param>
/// <param name="Total">With all its interactions, in [0, 1].</param>
public readonly record struct Importance(double First, double Total);

/// <summary>Sobol' indices: shares of variance when all parameters vary evenly over their ranges.</summary>
public static class SobolIndices
{
    private const uint Points = 1_024;

    /// <summary>Importance of each parameter to a response.</summary>
    /// <param name="space">The parameters; constraints between them are left aside.</param>
    /// <param name="response">Value at a point of the space.</param>
    /// <returns>One a parameter; NaN for a response that does not vary.</returns>
    /// <remarks>First order after Saltelli, Annoni, Azzini, Campolongo, Ratto &amp; Tarantola 2010 (table 2, b), total after Jansen 1999, on a
    /// pair of 1,024-point Sobol designs; clipped to [0, 1]. 1,024·(d + 2) evaluations.</remarks>
    public static ImmutableArray<Importance> Of(ParameterSpace space, Func<double[], double> response)
    {
        var d = space.Dimensions;
        var design = new Sobol(2 * d, new Philox(0, "importance"));
        double[][] a = new double[Points][], b = new double[Points][];
        var point = new double[2 * d];
        for (var i = 0u; i < Points; i++)
        {
            design.Point(i, point);
            (a[i], b[i]) = (point[..d], point[d..]);
            space.Snap(a[i]);
            space.Snap(b[i]);
        }
        double[] ya = [.. a.Select(response)], yb = [.. b.Select(response)];
        var mean = (ya.Average() + yb.Average()) / 2;
        var variance = (ya.Sum(y => (y - mean) * (y - mean)) + yb.Sum(y => (y - mean) * (y - mean))) / (2 * Points - 1);
        if (!(variance > 1e-20 * (1 + mean * mean))) return [.. Enumerable.Repeat(new Importance(double.NaN, double.NaN), d)];
        return [.. Enumerable.Range(0, d).Select(j =>
        {
            double first = 0, total = 0;
            for (var i = 0; i < Points; i++)
            {
                var mixed = (double[])a[i].Clone();
                mixed[j] = b[i][j];
                var y = response(mixed);
                first += (yb[i] - mean) * (y - ya[i]);
                total += (ya[i] - y) * (ya[i] - y);
            }
            return new Importance(Math.Clamp(first / Points / variance, 0, 1), Math.Clamp(total / (2 * Points) / variance, 0, 1));
        })];
    }

    /// <summary>Importance of each parameter to a metric, by what the model expects of it.</summary>
    /// <param name="space">The parameters.</param>
    /// <param name="process">Model of the metric.</param>
    public static ImmutableArray<Importance> Of(ParameterSpace space, GaussianProcess process) => Of(space, x => process.MeanAt(x));
}

namespace Looper.Core.Optimization;

/// <summary>The points that no other one beats in every objective, and the volume they dominate. All objectives are minimised.</summary>
public static class ParetoFront
{
    /// <summary>The distinct points that no other dominates, in their order.</summary>
    /// <param name="points">Points of equal length.</param>
    /// <remarks>O(n²m).</remarks>
    public static double[][] Of(double[][] points) => [.. points.Where((p, i) =>
        !points.Where((q, j) => i != j && (Dominates(q, p) || j < i && q.AsSpan().SequenceEqual(p))).Any())];

    /// <summary>Whether <paramref name="a"/> is nowhere worse than <paramref name="b"/> and somewhere better.</summary>
    /// <param name="a">A point.</param>
    /// <param name="b">Another of the same length.</param>
    public static bool Dominates(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var better = false;
        for (var j = 0; j < a.Length; j++)
        {
            if (a[j] > b[j]) return false;
            better |= a[j] < b[j];
        }
        return better;
    }

    /// <summary>Volume between the points and a reference point.</summary>
    /// <param name="points">Points of m = 1, 2 or 3 objectives.</param>
    /// <param name="reference">The worst corner; points beyond it in any objective add nothing.</param>
    /// <returns>At least 0.</returns>
    /// <remarks>By slicing along the last objective; O(n²) for two, O(n³) for three.</remarks>
    public static double Hypervolume(double[][] points, double[] reference)
    {
        var m = reference.Length;
        var inside = points.Where(p => !p.Where((v, j) => v >= reference[j]).Any()).ToArray();
        if (inside.Length == 0) return 0;
        if (m == 1) return reference[0] - inside.Min(p => p[0]);
        var sorted = inside.OrderBy(p => p[m - 1]).ToArray();
        var volume = 0.0;
        for (var k = 0; k < sorted.Length; k++)
        {
            var height = (k + 1 < sorted.Length ? sorted[k + 1][m - 1] : reference[m - 1]) - sorted[k][m - 1];
            if (height > 0) volume += height * Hypervolume([.. sorted[..(k + 1)].Select(p => p[..(m - 1)])], reference[..(m - 1)]);
        }
        return volume;
    }
}

namespace Looper.Core.Statistics;

/// <summary>Corrections for asking several questions at once. All take p-values and return adjusted ones in the same order.</summary>
/// <remarks>NaN (nothing to test) stays NaN and is not counted. O(m log m).</remarks>
public static class MultipleComparisons
{
    /// <summary>Holm: keeps the chance of any false finding below the level.</summary>
    /// <remarks>p₍ᵢ₎·(m−i+1), running maximum, at most 1: Holm 1979, Scand. J. Stat. 6:65.</remarks>
    public static double[] Holm(ReadOnlySpan<double> p) => StepDown(p, (rank, count) => count - rank + 1);

    /// <summary>Benjamini and Hochberg: keeps the share of false findings among findings below the level.</summary>
    /// <remarks>p₍ᵢ₎·m/i, running minimum from the top: Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57:289.</remarks>
    public static double[] BenjaminiHochberg(ReadOnlySpan<double> p) => StepUp(p, (rank, count) => count / rank);

    /// <summary>Benjamini and Yekutieli: as above under any dependence.</summary>
    /// <remarks>The factor Σ1/j on top: Benjamini and Yekutieli 2001, Annals of Statistics 29:1165.</remarks>
    public static double[] BenjaminiYekutieli(ReadOnlySpan<double> p)
    {
        var harmonic = 0.0;
        foreach (var value in p)
            if (!double.IsNaN(value))
                harmonic += 1.0;
        harmonic = Harmonic((int)harmonic);
        return StepUp(p, (rank, count) => harmonic * count / rank);
    }

    /// <summary>Bonferroni: m·p, at most 1.</summary>
    public static double[] Bonferroni(ReadOnlySpan<double> p)
    {
        var order = Order(p);
        var adjusted = p.ToArray();
        foreach (var i in order) adjusted[i] = Math.Min(1, p[i] * order.Length);
        return adjusted;
    }

    private static double Harmonic(int count)
    {
        var sum = 0.0;
        for (var j = 1; j <= count; j++) sum += 1.0 / j;
        return sum;
    }

    private static double[] StepDown(ReadOnlySpan<double> p, Func<double, double, double> factor)
    {
        var order = Order(p);
        var adjusted = p.ToArray();
        var running = 0.0;
        for (var i = 0; i < order.Length; i++)
        {
            running = Math.Max(running, Math.Min(1, p[order[i]] * factor(i + 1, order.Length)));
            adjusted[order[i]] = running;
        }

        return adjusted;
    }

    private static double[] StepUp(ReadOnlySpan<double> p, Func<double, double, double> factor)
    {
        var order = Order(p);
        var adjusted = p.ToArray();
        var running = 1.0;
        for (var i = order.Length - 1; i >= 0; i--)
        {
            running = Math.Min(running, p[order[i]] * factor(i + 1, order.Length));
            adjusted[order[i]] = running;
        }

        return adjusted;
    }

    /// <summary>Positions of the tested p-values, smallest first.</summary>
    private static int[] Order(ReadOnlySpan<double> p)
    {
        var values = p.ToArray();
        return [.. Enumerable.Range(0, values.Length).Where(i => !double.IsNaN(values[i])).OrderBy(i => values[i])];
    }
}

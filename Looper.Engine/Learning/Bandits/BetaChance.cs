using MathNet.Numerics.Distributions;

namespace Looper.Core.Learning.Bandits;

/// <summary>How likely each of several rates is to be the highest under independent Beta posteriors with even priors.</summary>
/// <remarks>Thompson 1933. p_a = ∫ f_a(u)·Π_{b≠a}F_b(u)du, by the midpoint rule on 500 points within ten deviations of a; then scaled to sum to
/// 1. A reward between 0 and 1 counts as that part of a success. Within 1e−4. O(options² · 500): once per publication, not per decision.</remarks>
public static class BetaChance
{
    private const int Points = 500;

    /// <summary>Computes the chances.</summary>
    /// <param name="successes">Sums of rewards in [0, 1].</param>
    /// <param name="trials">Not below the successes; 0 where nothing is known.</param>
    /// <param name="off">Taken off each rate before they are compared; empty for nothing.</param>
    /// <returns>One per option; they sum to 1.</returns>
    public static double[] Of(ReadOnlySpan<double> successes, ReadOnlySpan<double> trials, ReadOnlySpan<double> off = default)
    {
        var (n, posteriors) = (successes.Length, new Beta[successes.Length]);
        for (var a = 0; a < n; a++) posteriors[a] = new(1 + successes[a], 1 + Math.Max(0, trials[a] - successes[a]));
        var chances = new double[n];
        for (var a = 0; a < n; a++) chances[a] = Chance(a, posteriors, off);
        var sum = chances.Sum();
        for (var a = 0; a < n; a++) chances[a] /= sum;
        return chances;
    }

    private static double Chance(int a, Beta[] posteriors, ReadOnlySpan<double> off)
    {
        double mean = posteriors[a].Mean, reach = 10 * posteriors[a].StdDev;
        double low = Math.Max(0, mean - reach), high = Math.Min(1, mean + reach), step = (high - low) / Points, total = 0;
        for (var k = 0; k < Points; k++)
        {
            var u = low + (k + 0.5) * step;
            var product = posteriors[a].Density(u);
            for (var b = 0; b < posteriors.Length && product > 0; b++)
                if (b != a) product *= posteriors[b].CumulativeDistribution(off.IsEmpty ? u : Math.Clamp(u - off[a] + off[b], 0, 1));
            total += product;
        }
        return total * step;
    }
}

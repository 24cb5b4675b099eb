using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Causal;

/// <summary>Average effect of one group of units ranked by their estimated effects.</summary>
/// <param name="Estimated">Mean estimate τ̂ of its units.</param>
/// <param name="Average">Mean of its doubly robust scores.</param>
/// <param name="Interval">Simultaneous over the groups.</param>
public readonly record struct EffectGroup(double Estimated, AverageEffect Average, Interval Interval);

/// <summary>Sorted group average effects (GATES): units in groups of equal size by estimated effect, lowest first.</summary>
/// <remarks>Chernozhukov, Demirer, Duflo and Fernández-Val 2018. Intervals hold for all groups at once: the critical value is the quantile of
/// the largest |t| under a Gaussian multiplier bootstrap (Chernozhukov, Chetverikov and Kato 2013).</remarks>
public static class EffectGroups
{
    private const int Replicates = 2_000;

    /// <summary>The groups.</summary>
    /// <param name="effects">τ̂, one per unit, which must not have seen the unit's outcome.</param>
    /// <param name="scores">Γ.</param>
    /// <param name="groups">How many.</param>
    /// <param name="level">Simultaneous confidence level in (0, 1).</param>
    /// <param name="seed">Fixes the multipliers.</param>
    public static EffectGroup[] Of(ReadOnlySpan<double> effects, ReadOnlySpan<double> scores, int groups, double level, long seed)
    {
        var (order, n) = (Uplift.Descending(effects), effects.Length);
        Array.Reverse(order);
        var averages = new (double Estimated, AverageEffect Average)[groups];
        for (var g = 0; g < groups; g++)
        {
            var rows = order.AsSpan((int)((long)g * n / groups)..(int)((long)(g + 1) * n / groups));
            var (estimated, own) = (Moments.Empty, new double[rows.Length]);
            for (var r = 0; r < rows.Length; r++) (estimated, own[r]) = (estimated.With(effects[rows[r]]), scores[rows[r]]);
            averages[g] = (estimated.Mean, AverageEffect.Of(own));
        }
        var critical = LargestOf(groups, level, seed);
        return [.. averages.Select(a => new EffectGroup(a.Estimated, a.Average, a.Average.Why == Cause.None
            ? new(a.Average.Value - critical * a.Average.StandardError, a.Average.Value + critical * a.Average.StandardError) : Interval.Undefined))];
    }

    // groups share no unit, so the bootstrap's t-values are independent normals
    private static double LargestOf(int groups, double level, long seed)
    {
        var random = new Philox(seed, "groups");
        var largest = new double[Replicates];
        for (var r = 0; r < Replicates; r++)
            for (var g = 0; g < groups; g++) largest[r] = Math.Max(largest[r], Math.Abs(random.Normal()));
        Array.Sort(largest);
        return largest[(int)Math.Ceiling(level * Replicates) - 1];
    }
}

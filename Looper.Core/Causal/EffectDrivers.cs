using Looper.Core.Learning;

namespace Looper.Core.Causal;

/// <summary>By which features estimated effects differ.</summary>
public static class EffectDrivers
{
    private const int Cuts = 20, FewestUnits = 20;

    /// <summary>Per column the share of the estimates' variance that lies between 21 ranges of it (or its levels), in [0, 1]; NaN when they do not vary.
    /// Levels of fewer than 20 units are one group: between groups of one unit all of the variance would lie.</summary>
    /// <param name="units">Features.</param>
    /// <param name="effects">τ̂, one per unit.</param>
    public static double[] Of(DataSet units, ReadOnlySpan<double> effects)
    {
        var (cuts, n) = (new TreeCuts(units, Cuts), effects.Length);
        var (first, mean, total) = (n > 0 ? effects[0] : 0, 0.0, 0.0); // seen from the first, effects that are alike are 0 and not what rounding leaves of their mean
        foreach (var e in effects) mean += (e - first) / n;
        foreach (var e in effects) total += (e - first - mean) * (e - first - mean);
        var shares = new double[units.Columns.Length];
        for (var j = 0; j < shares.Length; j++)
        {
            var (sums, counts) = (new double[cuts.Width(j) + 1], new int[cuts.Width(j) + 1]);
            for (var i = 0; i < n; i++)
            {
                sums[cuts.Ranks[j][i]] += effects[i] - first - mean;
                counts[cuts.Ranks[j][i]]++;
            }
            for (var c = 0; cuts.IsCategory(j) && c < cuts.Width(j); c++)
            {
                if (counts[c] >= FewestUnits) continue;
                (sums[^1], counts[^1]) = (sums[^1] + sums[c], counts[^1] + counts[c]);
                (sums[c], counts[c]) = (0, 0);
            }
            for (var c = 0; c < sums.Length; c++) if (counts[c] > 0) shares[j] += sums[c] * sums[c] / counts[c];
            shares[j] /= total;
        }
        return shares;
    }

    /// <summary>A plain sentence on whether effects differ, and by what.</summary>
    /// <param name="units">Features.</param>
    /// <param name="effects">τ̂, one per unit.</param>
    /// <param name="validation">The tests.</param>
    public static string Verdict(DataSet units, ReadOnlySpan<double> effects, EffectValidation validation)
    {
        if (validation.Units == 0) return "Too few units to tell whether the effect differs.";
        if (!validation.Differs) return "No sign that the effect differs: everyone reacts alike, as far as these data can tell.";
        var shares = Of(units, effects);
        return shares.Max() is var most && double.IsNaN(most) ? "The effect differs, by what cannot be told." : $"The effect differs, mostly by {units.Columns[Array.IndexOf(shares, most)].Name}.";
    }
}
